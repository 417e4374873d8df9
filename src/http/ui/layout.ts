import { html } from "hono/html";
import { assets } from "./assets.ts";
import { mark } from "./icons.ts";
import { type Html, links, type View, withQuery } from "./view.ts";

/** Where a page belongs in the navigation. */
export type Section = "overview" | "calls" | "syncs" | "none";

export interface PageOptions {
  title: string;
  section: Section;
  main: Html;
  /** Seconds after which the page's script fetches it anew; none: it stays. */
  refreshSeconds?: number;
  flash?: string | undefined;
  /** False on pages for those who have not shown the password. */
  isOpen?: boolean;
}

/** A whole page. Nothing in it comes from another host, no style or script stands in it. */
export function layout(view: View, page: PageOptions): Html {
  const { words, language } = view;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<title>${page.title} · callcenter-sync</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="${assets.icon.href}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style.href}">
<script src="${assets.script.href}" defer></script>
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header class="top">
<div class="top-row">
<a class="brand" href="${links.overview}">${mark}<span>callcenter-sync</span></a>
${page.isOpen === false ? "" : navigation(view, page.section)}
${otherLanguage(view)}
</div>
</header>
${page.flash ? html`<p class="flash" role="status">${page.flash}</p>` : ""}
<main id="main" tabindex="-1"${page.refreshSeconds ? html` data-refresh="${page.refreshSeconds}"` : ""}>
${page.main}
</main>
<footer class="foot"><p>${words.zone(view.zone)}<span id="updated"> · ${words.updated(view.format.clock(view.now))}</span></p></footer>
<p class="unseen" id="news" aria-live="polite"></p>
</body>
</html>`;
}

function navigation({ words }: View, current: Section): Html {
  const item = (section: Section, href: string, text: string) =>
    html`<li><a href="${href}"${section === current ? html` aria-current="page"` : ""}>${text}</a></li>`;
  return html`
<nav aria-label="${words.nav.label}"><ul>
${item("overview", links.overview, words.nav.overview)}
${item("calls", links.calls(), words.nav.calls)}
${item("syncs", links.syncs(), words.nav.syncs)}
</ul></nav>`;
}

function otherLanguage({ language, words, address }: View): Html {
  const other = language === "vi" ? "en" : "vi";
  const href = withQuery("/ui/language", { to: other, back: address });
  return html`<a class="language" href="${href}" lang="${other}" hreflang="${other}">${words.otherName}</a>`;
}
