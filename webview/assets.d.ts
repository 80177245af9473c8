/** Style sheets are imported for their effect only; esbuild gathers them into one file. */
declare module '*.css';
