/** The editor of an example: CodeMirror with the few extensions that short programs need. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

/** What an editor is made with. */
export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly code: string;
  /** What screen readers call it. */
  readonly label: string;
  /** Called on Ctrl-Enter, or Command-Enter. */
  readonly onRun: () => void;
}

/** An editor in a page. */
export interface Editor {
  code: string;
  destroy(): void;
}

/** Makes an editor. Tab moves on to the next control, as everywhere on a page. */
export function createEditor({ parent, code, label, onRun }: EditorOptions): Editor {
  const run = (): boolean => {
    onRun();
    return true;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        history(),
        indentOnInput(),
        bracketMatching(),
        javascript({ typescript: true }),
        syntaxHighlighting(classHighlighter),
        keymap.of([{ key: "Mod-Enter", run }, ...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({
          "aria-label": label,
          spellcheck: "false",
          tabindex: "0",
        }),
      ],
    }),
  });
  return {
    get code() {
      return view.state.doc.toString();
    },
    set code(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    destroy: () => view.destroy(),
  };
}
