import { Icon } from './icon.tsx';
import './picker.css';

export interface PickerOption {
  readonly value: string;
  readonly label: string;
  readonly title?: string;
}

/**
 * A quiet picker: the chosen label with a chevron, over it the browser's own select with its keyboard and roles.
 * The toolkit's dropdown is not used: its list cannot be wider than its box, and it costs 25 KB.
 */
export function Picker(props: {
  readonly label: string;
  readonly options: readonly PickerOption[];
  readonly value: string;
  /** Shown when the value is not among the options. */
  readonly fallback: string;
  readonly onChange: (value: string) => void;
  readonly title?: string;
}) {
  const { label, options, value, fallback, onChange, title } = props;
  const chosen = options.find((option) => option.value === value);
  const shown = chosen?.label ?? fallback;
  return (
    <span class="picker" title={title ?? `${label}: ${shown}`}>
      <span class="picker-shown" aria-hidden="true">
        <span class="picker-text">{shown}</span>
        <Icon name="chevron-down" />
      </span>
      <select
        aria-label={label}
        value={chosen ? value : ''}
        disabled={options.length === 0}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {chosen ? null : <option value="">{fallback}</option>}
        {options.map((option) => (
          <option
            key={option.value}
            value={option.value}
            {...(option.title === undefined ? {} : { title: option.title })}
          >
            {option.label}
          </option>
        ))}
      </select>
    </span>
  );
}
