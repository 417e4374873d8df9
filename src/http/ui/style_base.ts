/** The dashboard's style sheet, first part: colours, type, and what stands on every page. */
export const base = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --surface: #fff; --sunk: #faf9f6; --ink: #1b211e; --soft: #57615c; --line: #e3e1d9; --edge: #8b928d;
  --accent: #0f6a57; --accent-ink: #fff; --accent-soft: #e2f0eb;
  --ok: #0d5c3d; --ok-soft: #e2f2e8; --ok-solid: #1f8a5b;
  --work: #1c4f8f; --work-soft: #e3edfa; --work-solid: #3a78c9;
  --warn: #744600; --warn-soft: #fcefd6; --warn-solid: #b87400;
  --bad: #97231c; --bad-soft: #fce6e2; --bad-solid: #cc4439;
  --accepted: #4c3d94; --accepted-soft: #ebe8f9; --accepted-solid: #7566c4;
  --none: #555d58; --none-soft: #eeece6; --none-solid: #8d948f;
  --heat-ink: #0a3a26; --heat-1: #e0f2e7; --heat-2: #c3e6d1; --heat-3: #9dd6b6; --heat-4: #72c197;
  --shadow: 0 1px 2px rgb(27 33 30 / 4%), 0 8px 24px -16px rgb(27 33 30 / 18%);
  --round: 16px; --gap: 24px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1211; --surface: #161b19; --sunk: #121615; --ink: #e9edea; --soft: #a4afa9; --line: #29312d; --edge: #6d7872;
    --accent: #62d2b4; --accent-ink: #05241c; --accent-soft: #16302a;
    --ok: #86dfb0; --ok-soft: #12301f; --ok-solid: #3aa873;
    --work: #9cc5fb; --work-soft: #142741; --work-solid: #5694e2;
    --warn: #f3c573; --warn-soft: #33260d; --warn-solid: #cf9434;
    --bad: #f9a79d; --bad-soft: #3a1a17; --bad-solid: #df655a;
    --accepted: #c3b8fa; --accepted-soft: #25203f; --accepted-solid: #8f80dd;
    --none: #abb4af; --none-soft: #222927; --none-solid: #6f7974;
    --heat-ink: #effaf3; --heat-1: #15291f; --heat-2: #184029; --heat-3: #1c5635; --heat-4: #226e45;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 16px; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column;
  background: var(--paper); color: var(--ink);
  font: 400 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1, h2, h3, p, ul, ol, dl, dd, figure, pre, table { margin: 0; }
ul, ol { padding: 0; list-style: none; }
h1 { font-size: clamp(1.5rem, 1.15rem + 1.6vw, 2.125rem); line-height: 1.2; font-weight: 650; letter-spacing: -.018em; text-wrap: balance; }
h2 { font-size: 1.0625rem; line-height: 1.35; font-weight: 650; letter-spacing: -.006em; }
h3 { font-size: 1rem; line-height: 1.4; font-weight: 600; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 8px; }
main:focus { outline: none; }
svg { display: block; }
.icon { width: 1.25em; height: 1.25em; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; flex: none; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.mono { font-family: ui-monospace, "Cascadia Mono", "Segoe UI Mono", Menlo, Consolas, "Noto Sans Mono", monospace; font-size: .875rem; overflow-wrap: anywhere; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 16px; top: -80px; z-index: 2; padding: 12px 20px; background: var(--surface); border-radius: 0 0 12px 12px; box-shadow: var(--shadow); }
.skip:focus { top: 0; }

.top { background: var(--surface); border-bottom: 1px solid var(--line); }
.top-row, main, .foot, .flash { width: 100%; max-width: 1136px; margin-inline: auto; padding-inline: 16px; }
.top-row { display: flex; align-items: center; flex-wrap: wrap; column-gap: 8px; }
.brand { display: inline-flex; align-items: center; gap: 10px; min-height: 56px; margin-right: auto; color: var(--ink); font-weight: 650; letter-spacing: -.01em; text-decoration: none; }
.mark { width: 28px; height: 28px; fill: var(--accent); }
.mark path { stroke: var(--accent-ink); stroke-width: 2.6; stroke-linecap: round; fill: none; }
.top nav { order: 3; flex: 1 0 100%; }
.top nav ul { display: flex; gap: 4px; margin-inline: -12px; }
.top nav a { display: flex; align-items: center; min-height: 48px; padding-inline: 12px; color: var(--soft); font-weight: 550; text-decoration: none; box-shadow: inset 0 0 0 var(--line); }
.top nav a:hover { color: var(--ink); }
.top nav a[aria-current] { color: var(--ink); box-shadow: inset 0 -3px 0 var(--accent); }
.language { display: flex; align-items: center; min-height: 44px; padding-inline: 14px; margin-right: -6px; color: var(--soft); font-size: .9375rem; text-decoration: none; border-radius: 22px; }
.language:hover { color: var(--ink); background: var(--none-soft); }
main { flex: 1; padding-block: 16px 40px; display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); align-content: start; }
.foot { padding-block: 0 32px; color: var(--soft); font-size: .875rem; }
.flash { margin-top: 16px; }
.flash { max-width: 1104px; width: calc(100% - 32px); padding: 14px 18px; background: var(--accent-soft); color: var(--ink); border-radius: 12px; box-shadow: inset 4px 0 0 var(--accent); font-weight: 550; }

.button, button {
  display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 44px; padding: 9px 18px; cursor: pointer;
  font: inherit; font-weight: 570; line-height: 1.3; color: var(--ink); background: var(--surface); text-decoration: none; text-align: center;
  border: 1px solid var(--edge); border-radius: 12px;
}
.button:hover { background: var(--none-soft); }
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.button.primary:hover { background: color-mix(in srgb, var(--accent) 88%, var(--ink)); }
.actions { display: flex; flex-wrap: wrap; gap: 10px; align-items: flex-start; }
summary { cursor: pointer; }
summary.button { list-style: none; }
summary.button::-webkit-details-marker { display: none; }
.accept[open] { flex: 1 0 100%; }
.accept[open] > summary { margin-bottom: 12px; }
.panel, .form { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 180px), 1fr)); align-items: end; }
.panel { padding: 16px; background: var(--sunk); border: 1px solid var(--line); border-radius: 12px; }
.field { display: grid; gap: 6px; font-size: .9375rem; font-weight: 550; min-width: 0; }
.field.wide { grid-column: span 2; }
.form .help, .panel .help { grid-column: 1 / -1; margin-top: -6px; }
.help { color: var(--soft); font-size: .875rem; }
input, select { width: 100%; min-width: 0; min-height: 44px; padding: 9px 12px; font: inherit; font-weight: 400; color: var(--ink); background: var(--surface); border: 1px solid var(--edge); border-radius: 10px; }
@media (max-width: 480px) { .field.wide { grid-column: auto; } .panel .button { width: 100%; } }
@media (min-width: 760px) {
  .top-row, main, .foot { padding-inline: 24px; }
  .top-row { column-gap: 28px; flex-wrap: nowrap; }
  .top nav { order: 0; flex: 0 1 auto; }
  .top nav ul { margin: 0; }
  .brand { margin-right: 0; }
  .language { margin-left: auto; }
  .brand, .top nav a { min-height: 64px; }
  main { gap: var(--gap); padding-block: 28px 48px; }
  .flash { margin-top: 24px; }
}
@media (prefers-reduced-motion: no-preference) { .button, .top nav a, .language, .cell { transition: background-color .12s, color .12s; } }
@media print { .top nav, .language, .actions, .skip, form { display: none; } body { background: #fff; } }
`;
