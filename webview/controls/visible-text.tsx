import { visiblePieces } from './visible.ts';

/** Text whose unseen characters are spelled out and marked. */
export function VisibleText({ text }: { readonly text: string }) {
  return (
    <>
      {visiblePieces(text).map((piece, index) =>
        piece.type === 'text' ? (
          piece.text
        ) : (
          // Pieces have no identity but their place.
          <span key={index} class="unseen">
            {piece.text}
          </span>
        ),
      )}
    </>
  );
}
