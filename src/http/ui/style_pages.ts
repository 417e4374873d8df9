/** Third part: a day, calls, syncs. */
export const pages = `
.page-head { display: grid; gap: 10px; padding-block: 8px 4px; }
.page-head .title { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; }
.crumbs { display: flex; flex-wrap: wrap; gap: 0 8px; margin-left: -10px; }
.crumbs a { display: inline-flex; align-items: center; gap: 4px; min-height: 44px; padding-inline: 10px; font-size: .9375rem; }

.flow { display: grid; gap: 12px; grid-template-columns: minmax(0, 1fr); }
.stage { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; align-content: start; gap: 2px 12px; padding: 16px; background: var(--surface); border: 1px solid var(--line); border-radius: var(--round); box-shadow: var(--shadow); }
.stage h2 { font-size: .9375rem; color: var(--soft); font-weight: 570; }
.stage .figure { font-size: 2rem; line-height: 1.15; font-weight: 650; letter-spacing: -.02em; }
.stage .figure small { font-size: 1rem; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.stage p { grid-column: 1; }
.stage .detail { color: var(--soft); font-size: .9375rem; }
.stage .disc { grid-row: 1 / span 3; grid-column: 2; width: 36px; height: 36px; }
.stage .disc .icon { width: 20px; height: 20px; }
@media (min-width: 760px) { .flow { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 20px; } .stage { padding: 20px 22px; } .stage .figure { font-size: 2.5rem; } }

.lack { display: grid; gap: 8px; }
.lack p > a { display: inline-block; padding-block: 6px; }
pre { padding: 14px 16px; max-height: 420px; overflow: auto; background: var(--sunk); border: 1px solid var(--line); border-radius: 12px; font: .8125rem/1.6 ui-monospace, "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }

.form.search { grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr)); }
.form.search .wide { grid-column: 1 / -1; }
@media (min-width: 960px) { .form.search { grid-template-columns: 1.7fr repeat(3, 1fr) auto; } .form.search .wide { grid-column: auto; } }
@media (min-width: 1080px) { .form.filter { grid-template-columns: repeat(2, minmax(0, 1fr)) minmax(156px, 1fr) auto; } }

.list > li { border-top: 1px solid var(--line); }
.list > li:first-child { border-top: 0; }
.list > .sync:first-child { padding-top: 0; } .list > .sync:last-child { padding-bottom: 0; }
.call { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 2px 14px; align-items: center; padding: 12px 16px; margin-inline: -16px; color: inherit; text-decoration: none; }
.call:hover { background: var(--sunk); }
.call:hover .numbers { text-decoration: underline; text-underline-offset: .2em; }
.call .disc { grid-row: 1 / span 2; width: 36px; height: 36px; }
.call .numbers { font-weight: 600; display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; }
.call .numbers .to { font-weight: 450; color: var(--soft); }
.call .when { color: var(--soft); font-size: .9375rem; text-align: right; }
.call .about { color: var(--soft); font-size: .9375rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.call .badge { justify-self: end; }
.list:has(.call) { margin-block: -6px; }
@media (max-width: 479px) { .call { grid-template-columns: auto minmax(0, 1fr); } .call .when { grid-column: 2; text-align: left; grid-row: 3; } .call .badge { grid-column: 2; justify-self: start; margin-top: 4px; } .call .disc { grid-row: 1 / span 4; align-self: start; } }
@media (min-width: 760px) {
  .call { grid-template-columns: auto minmax(0, 5fr) minmax(0, 4fr) 116px 170px; gap: 14px; padding: 10px 24px; margin-inline: -24px; }
  .call .disc { grid-row: auto; } .call .when { order: 3; } .call .badge { order: 4; } .call .about { order: 2; }
}

.facts { display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; }
.facts > div { display: grid; gap: 0; }
.facts dt { color: var(--soft); font-size: .875rem; }
.facts dd { overflow-wrap: anywhere; }
@media (min-width: 480px) { .facts > div { grid-template-columns: 128px minmax(0, 1fr); gap: 14px; align-items: baseline; } }

.story { display: grid; }
.story li { position: relative; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 2px 14px; padding-bottom: 20px; }
.story li:last-child { padding-bottom: 0; }
.story li:not(:last-child)::before { content: ""; position: absolute; left: 13px; top: 34px; bottom: 6px; width: 2px; background: var(--line); }
.story li > :not(.disc) { grid-column: 2; }
.story .disc { grid-row: 1; }
.story .quoted { margin-top: 4px; }
.story strong { font-weight: 600; padding-top: 2px; }
.story time { color: var(--soft); font-size: .875rem; }

.sync { display: grid; gap: 6px 14px; grid-template-columns: minmax(0, 1fr) auto; align-items: center; padding-block: 14px; }
.sync .day { font-weight: 600; display: inline-flex; align-items: center; min-height: 32px; }
.sync .about, .sync .quoted, .sync .fold, .sync form { grid-column: 1 / -1; }
.sync .about { display: flex; flex-wrap: wrap; gap: 0 16px; color: var(--soft); font-size: .9375rem; }
.fold > pre { margin-top: 8px; }
.empty { color: var(--soft); padding-block: 20px; text-align: center; }
.notice { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 12px; align-items: start; padding: 14px 18px; border-radius: var(--round); }
.notice p { color: var(--ink); padding-top: 2px; }
.closed { max-width: 56ch; margin: 8vh auto; display: grid; gap: 14px; justify-items: start; }
.closed .disc { width: 48px; height: 48px; } .closed .disc .icon { width: 28px; height: 28px; }
.foldout > summary { display: flex; align-items: center; min-height: 44px; font-weight: 650; font-size: 1.0625rem; }
.foldout[open] > summary { margin-bottom: 8px; }
.foldout > * + * { margin-top: 12px; }
`;
