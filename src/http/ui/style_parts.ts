/** Second part: cards, states, and what the overview is made of. */
export const parts = `
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--round); box-shadow: var(--shadow); padding: 18px 16px; min-width: 0; }
.card > * + * { margin-top: 14px; }
.card-head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 4px 16px; }
.columns { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); align-items: start; }
.stack { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.rows > li { padding-block: 14px; border-top: 1px solid var(--line); }
.rows > li:first-child { border-top: 0; padding-top: 0; }
.rows > li:last-child { padding-bottom: 0; }
.badge { display: inline-flex; align-items: center; gap: 5px; padding: 2px 10px 2px 6px; border-radius: 99px; font-size: .875rem; font-weight: 570; line-height: 1.5; white-space: nowrap; }
.badge .icon { width: 1.1em; height: 1.1em; stroke-width: 2.6; }
.disc { display: inline-grid; place-items: center; width: 28px; height: 28px; border-radius: 50%; flex: none; }
.disc .icon { width: 17px; height: 17px; stroke-width: 2.8; }
.ok { color: var(--ok); background: var(--ok-soft); }
.work { color: var(--work); background: var(--work-soft); }
.warn { color: var(--warn); background: var(--warn-soft); }
.bad { color: var(--bad); background: var(--bad-soft); }
.accepted { color: var(--accepted); background: var(--accepted-soft); }
.none { color: var(--none); background: var(--none-soft); }
.quoted { padding: 10px 14px; color: var(--soft); background: var(--sunk); border-radius: 10px; font-size: .875rem; overflow-wrap: anywhere; }

.verdict { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 14px 18px; align-items: start; padding: 22px 18px; border-radius: 20px; }
.verdict .disc { width: 44px; height: 44px; color: var(--surface); }
.verdict .disc .icon { width: 26px; height: 26px; }
.verdict.ok .disc { background: var(--ok-solid); } .verdict.work .disc { background: var(--work-solid); }
.verdict.warn .disc { background: var(--warn-solid); } .verdict.bad .disc { background: var(--bad-solid); } .verdict.none .disc { background: var(--none-solid); }
.verdict h1 { padding-top: 4px; color: inherit; }
.verdict-body { grid-column: 1 / -1; display: grid; gap: 10px; color: var(--ink); max-width: 68ch; }
.verdict .lacks { display: flex; flex-wrap: wrap; gap: 4px 20px; font-weight: 570; }
.verdict .lacks li { display: flex; align-items: baseline; gap: 8px; }
.verdict .lacks li::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: currentcolor; translate: 0 -1px; }
.verdict a { color: inherit; }

.thing { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 6px 12px; }
.thing > :not(.disc) { grid-column: 2; }
.thing > .disc { grid-row: 1 / span 2; }
.thing-head { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; justify-content: space-between; min-height: 28px; }
.thing .actions { margin-top: 6px; }
.subjects { display: flex; flex-wrap: wrap; gap: 0 16px; align-items: center; margin-block: -6px; }
.subjects a { display: inline-flex; align-items: center; min-height: 44px; }
.said[open], .fold[open] { flex: 1 0 100%; }
.said > summary, .fold > summary { display: inline-flex; align-items: center; min-height: 44px; color: var(--soft); font-size: .9375rem; text-decoration: underline; text-underline-offset: .2em; text-decoration-thickness: 1px; }

.months { display: grid; align-items: start; gap: 26px; grid-template-columns: minmax(0, 1fr); margin-inline: -8px; }
.month { width: 100%; border-collapse: separate; border-spacing: 3px; table-layout: fixed; }
.month caption { padding: 0 8px 6px; text-align: left; font-weight: 600; }
.month th { padding: 2px 0; font-size: .8125rem; font-weight: 500; color: var(--soft); }
.month td { padding: 0; height: 46px; }
.cell { position: relative; display: flex; flex-direction: column; justify-content: center; align-items: center; height: 46px; border-radius: 10px; color: var(--heat-ink); text-decoration: none; font-size: .9375rem; font-weight: 570; line-height: 1.1; }
.cell > span:first-child { text-align: center; }
.cell b { font-weight: inherit; }
.cell small { display: block; font-size: .6875rem; font-weight: 500; margin-top: 3px; }
.cell:hover { text-decoration: underline; }
.cell .icon { position: absolute; top: -4px; right: -4px; width: 16px; height: 16px; padding: 1.5px; stroke-width: 3.6; border-radius: 50%; color: var(--surface); background: var(--none-solid); }
.cell.incomplete .icon { background: var(--bad-solid); } .cell.running .icon { background: var(--work-solid); } .cell.accepted .icon { background: var(--accepted-solid); }
.cell.heat-0, .cell.heat-1 { background: var(--heat-1); } .cell.heat-2 { background: var(--heat-2); } .cell.heat-3 { background: var(--heat-3); } .cell.heat-4 { background: var(--heat-4); }
.cell.incomplete { background: var(--bad-soft); color: var(--bad); box-shadow: inset 0 0 0 2px var(--bad-solid); }
.cell.running { background: var(--work-soft); color: var(--work); box-shadow: inset 0 0 0 2px var(--work-solid); }
.cell.accepted { background: var(--accepted-soft); color: var(--accepted); box-shadow: inset 0 0 0 2px var(--accepted-solid); }
.cell.not_read { background: none; color: var(--none); border: 2px dashed var(--none-solid); }
.cell.today { background: var(--none-soft); color: var(--ink); }
.cell.future { color: var(--soft); font-weight: 400; }
.legend { display: flex; flex-wrap: wrap; gap: 8px 18px; font-size: .875rem; color: var(--soft); align-items: center; }
.legend li { display: inline-flex; align-items: center; gap: 8px; }
.legend .cell { width: 22px; height: 22px; border-radius: 6px; }
.legend .cell.cell .icon { inset: 50% auto auto 50%; translate: -50% -50%; background: none; color: inherit; }
.legend .scale { display: inline-flex; gap: 3px; }
.pager { display: flex; flex-wrap: wrap; gap: 0 6px; margin: -8px -10px -8px 0; }
.pager a { display: inline-flex; align-items: center; gap: 4px; min-height: 44px; padding-inline: 10px; font-size: .9375rem; }

.bar { display: block; width: 100%; height: 10px; border: 0; border-radius: 99px; overflow: hidden; appearance: none; background: var(--none-soft); }
.bar::-webkit-progress-bar { background: var(--none-soft); }
.bar::-webkit-progress-value { background: var(--accent); border-radius: 99px; }
.bar::-moz-progress-bar { background: var(--accent); border-radius: 99px; }
.task { display: grid; gap: 6px; }
.task-head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; align-items: baseline; }
.task-head strong { font-weight: 600; }
.counts { display: flex; flex-wrap: wrap; gap: 0 14px; color: var(--soft); font-size: .9375rem; }
.chart { width: 100%; height: 132px; overflow: visible; }
.chart .recorded { fill: var(--accent); } .chart .others { fill: color-mix(in srgb, var(--accent) 38%, var(--surface)); }
.chart .axis { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.chart .mean { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 4; vector-effect: non-scaling-stroke; }
.chart-ends { display: flex; justify-content: space-between; margin-top: 6px; color: var(--soft); font-size: .875rem; }
.swatch { width: 12px; height: 12px; border-radius: 4px; background: var(--accent); }
.swatch.mean { height: 0; border-radius: 0; background: none; border-top: 2px dotted var(--soft); }
.swatch.others { background: color-mix(in srgb, var(--accent) 38%, var(--surface)); }
.runs { display: grid; gap: 12px; }
.runs dt { font-weight: 570; }
.runs dd { color: var(--soft); font-size: .9375rem; }
@media (min-width: 760px) {
  .card { padding: 24px; }
  .card > * + * { margin-top: 18px; }
  .verdict { padding: 32px 32px 32px 28px; column-gap: 22px; }
  .verdict .disc { width: 56px; height: 56px; } .verdict .disc .icon { width: 32px; height: 32px; }
  .verdict h1 { padding-top: 6px; }
  .verdict-body { grid-column: 2; }
  .months { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 28px; margin-inline: -3px; }
  .month caption { padding-inline: 4px; }
  .columns, .stack { gap: var(--gap); }
}
@media (min-width: 960px) { .columns { grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr); } .columns.even { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 385px) { .months { margin-inline: -15px; } .month { border-spacing: 2px; } .month caption { padding-inline: 15px; } }
@media (max-width: 759px) { .months > :nth-child(-n + 2) { display: none; } }
`;
