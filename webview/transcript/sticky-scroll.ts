import type { RefObject } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { SessionID } from '#shared/ids.ts';
import type { ScrollPlace } from '../store/state.ts';

export interface StickyScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** False once the reader scrolled away from the end. */
  readonly atEnd: boolean;
  readonly toEnd: () => void;
  /** Call before earlier messages are asked for: the reader keeps their place when they arrive. */
  readonly holdPlace: () => void;
}

/** Distance from the end, in pixels, that still counts as being there. */
const nearEnd = 24;

/**
 * Keeps the end in view only while the reader is at the end. Never moves otherwise: growing text, a new card and
 * earlier messages all leave the reader's line where it is.
 */
export function useStickyScroll(props: {
  readonly sessionID: SessionID | null;
  /** Changes when messages were put before the first one. */
  readonly firstKey: string | undefined;
  readonly kept: ScrollPlace | null;
  readonly keep: (place: ScrollPlace | null) => void;
}): StickyScroll {
  const { sessionID, firstKey, kept, keep } = props;
  const scroller = useRef<HTMLDivElement | null>(null);
  const content = useRef<HTMLDivElement | null>(null);
  const stuck = useRef(true);
  // Good for one return: later the reader left on their own.
  const unused = useRef(kept);
  const heldFromEnd = useRef<number | null>(null);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    stuck.current = true;
    setAtEnd(true);
    scrollToEnd(scroller.current);
  }, []);
  const holdPlace = useCallback(() => {
    const view = scroller.current;
    heldFromEnd.current = view ? view.scrollHeight - view.scrollTop : null;
  }, []);

  useLayoutEffect(() => {
    const view = scroller.current;
    const inner = content.current;
    if (!view || !inner) return;
    return follow({
      view,
      inner,
      stuck,
      onChange: setAtEnd,
      onRest: () => keep(placeOf(view, sessionID, stuck)),
    });
  }, [sessionID, keep]);

  useLayoutEffect(() => {
    const view = scroller.current;
    if (!view) return;
    const place = unused.current;
    const restored = place !== null && place.sessionID === sessionID && restore(view, place);
    if (restored) unused.current = null;
    stuck.current = !restored;
    setAtEnd(!restored);
    if (!restored) scrollToEnd(view);
  }, [sessionID]);

  useLayoutEffect(() => {
    const view = scroller.current;
    if (!view || heldFromEnd.current === null) return;
    view.scrollTop = view.scrollHeight - heldFromEnd.current;
    heldFromEnd.current = null;
  }, [firstKey]);

  return { scroller, content, atEnd, toEnd, holdPlace };
}

/** Watches one scroller until the returned function is called. */
function follow(props: {
  readonly view: HTMLElement;
  readonly inner: HTMLElement;
  readonly stuck: RefObject<boolean>;
  readonly onChange: (atEnd: boolean) => void;
  readonly onRest: () => void;
}): () => void {
  const { view, inner, stuck, onChange, onRest } = props;
  view.style.setProperty('--scrollbar', `${view.offsetWidth - view.clientWidth}px`);
  let lastTop = view.scrollTop;
  let lastHeight = view.scrollHeight;
  const onScroll = () => {
    const { scrollTop: top, scrollHeight: height, clientHeight } = view;
    // Only a move up without a loss of height is the reader's; the rest is the page's own doing.
    const wentUp = top < lastTop - 1 && height >= lastHeight;
    const next = height - top - clientHeight <= nearEnd || (stuck.current && !wentUp);
    lastTop = top;
    lastHeight = height;
    if (next === stuck.current) return;
    stuck.current = next;
    onChange(next);
  };
  const onResize = () => {
    if (stuck.current) scrollToEnd(view);
    lastTop = view.scrollTop;
    lastHeight = view.scrollHeight;
  };
  const observer = new ResizeObserver(onResize);
  observer.observe(view);
  observer.observe(inner);
  view.addEventListener('scroll', onScroll, { passive: true });
  view.addEventListener('scrollend', onRest);
  return () => {
    observer.disconnect();
    view.removeEventListener('scroll', onScroll);
    view.removeEventListener('scrollend', onRest);
  };
}

function scrollToEnd(view: HTMLElement | null): void {
  if (view) view.scrollTop = view.scrollHeight;
}

/** The message at the top edge and how far above that edge it begins. */
function placeOf(
  view: HTMLElement,
  sessionID: SessionID | null,
  stuck: RefObject<boolean>,
): ScrollPlace | null {
  if (stuck.current || sessionID === null) return null;
  const top = view.getBoundingClientRect().top;
  for (const element of view.querySelectorAll<HTMLElement>('[data-message]')) {
    const box = element.getBoundingClientRect();
    const messageID = element.dataset['message'];
    if (box.bottom > top && messageID !== undefined) {
      return { sessionID, messageID, offset: Math.round(box.top - top) };
    }
  }
  return null;
}

function restore(view: HTMLElement, place: ScrollPlace): boolean {
  const element = view.querySelector(`[data-message="${CSS.escape(place.messageID)}"]`);
  if (!element) return false;
  view.scrollTop += element.getBoundingClientRect().top - view.getBoundingClientRect().top - place.offset;
  return true;
}
