import { html } from './html.ts';
import { page, type Page } from './layout.ts';
import { textsFor } from './texts.ts';

/** Shown where somebody cannot be sent back to the client: it is not known, or not to be trusted. */
export function errorPage(accept: string | undefined, error: string, description: string): Page {
  const texts = textsFor(accept);
  const what = error === 'expired' ? texts.expired : texts.failed;
  const details = description === '' ? error : `${error}: ${description}`;
  const body = html`<h1>${texts.failedTitle}</h1>
    <p>${what}</p>
    <footer>
      <p class="soft">${texts.details} <code>${details}</code></p>
    </footer>`;
  return page(texts.failedTitle, body, texts);
}
