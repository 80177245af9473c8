// The ground first: what components say of themselves comes after it and wins.
import './chat.css';
import { render } from 'preact';
import { ChatView } from './chat-view.tsx';
import { connect } from './connection/connect.ts';
import type { VsCodeApi } from './connection/post.ts';
import { registerToolkit } from './controls/toolkit.ts';
import { createStore } from './store/store.ts';

declare function acquireVsCodeApi(): VsCodeApi;

registerToolkit();
const store = createStore();
const connection = connect(acquireVsCodeApi(), store);
render(<ChatView store={store} connection={connection} />, document.getElementById('root') ?? document.body);
