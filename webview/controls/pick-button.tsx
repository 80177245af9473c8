import { Icon } from './icon.tsx';
import './picker.css';

/** Looks like a picker; what it offers is shown by the editor. */
export function PickButton(props: {
  readonly label: string;
  readonly title: string;
  readonly shown: string;
  readonly onClick: () => void;
}) {
  const { label, title, shown, onClick } = props;
  return (
    <button type="button" class="quiet picker" aria-label={label} title={title} onClick={onClick}>
      <span class="picker-shown">
        <span class="picker-text">{shown}</span>
        <Icon name="chevron-down" />
      </span>
    </button>
  );
}
