"""The report's one style sheet. A constant, so that the page's content security policy can name its hash and no other.

Every pair of colours that text stands in has a contrast of 4.5 at least, in both themes; a test computes it.
"""

LIGHT = {
    "ground": "#f6f5f2",
    "sheet": "#ffffff",
    "ink": "#1d2125",
    "soft": "#5b6570",
    "line": "#e3e5e8",
    "wash": "#f1f3f6",
    "track": "#e4e8ed",
    "new": "#1f5fa8",
    "old": "#5b6570",
    "good": "#1b6e3c",
    "good-wash": "#e7f3ea",
    "bad": "#a82a23",
    "bad-wash": "#fbeae8",
    "open": "#84560a",
    "open-wash": "#fbf1dd",
}
DARK = {
    "ground": "#14171a",
    "sheet": "#1d2125",
    "ink": "#e7e9ec",
    "soft": "#a3adb8",
    "line": "#31373e",
    "wash": "#252b31",
    "track": "#323a43",
    "new": "#8ab8ee",
    "old": "#a3adb8",
    "good": "#7fcf9b",
    "good-wash": "#1b2e22",
    "bad": "#f19a92",
    "bad-wash": "#38201e",
    "open": "#e4b565",
    "open-wash": "#33291a",
}


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


_THEMES = f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
@media print {{ :root {{ color-scheme: light; {_variables(LIGHT)} }} }}
"""
_RULES = """
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: break-word;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.page { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.5rem 3rem; }
a { color: var(--new); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--new); outline-offset: 2px; border-radius: .2rem; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--sheet); padding: .5rem .8rem; }
h1, h2, h3, p, ul, dl, figure, table { margin: 0; padding: 0; }
h1 {
  font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -.018em; text-wrap: balance; max-width: 36ch;
}
h2 { font-size: 1.15rem; line-height: 1.3; font-weight: 650; letter-spacing: -.005em; }
h3 { font-size: .95rem; font-weight: 650; margin-top: 1.5rem; }
.kicker { color: var(--soft); font-size: .9rem; margin-bottom: .9rem; }
.badge {
  display: inline-flex; align-items: center; gap: .4rem; margin-bottom: .9rem; padding: .18rem .75rem .18rem .6rem;
  border-radius: 1rem; background: var(--wash); font-size: .82rem; font-weight: 650; letter-spacing: .04em;
}
.pass { background: var(--good-wash); color: var(--good); }
.fail { background: var(--bad-wash); color: var(--bad); }
.inconclusive { background: var(--open-wash); color: var(--open); }
.lead { margin-top: .9rem; font-size: 1.1rem; max-width: 40rem; }
.why { margin-top: .6rem; color: var(--soft); max-width: 44rem; }
.remark {
  margin-top: 1rem; padding: .7rem 1rem; border-radius: .6rem; background: var(--open-wash); max-width: 44rem;
}
section > p.remark { color: var(--ink); }
nav { margin-top: 1.6rem; font-size: .9rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; }
section {
  margin-top: 1.5rem; padding: 1.6rem 1.75rem 1.75rem; background: var(--sheet); border: 1px solid var(--line);
  border-radius: .9rem;
}
section > p, .intro { color: var(--soft); margin-top: .4rem; max-width: 46rem; font-size: .95rem; }
.key {
  display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin-top: .7rem; color: var(--soft); font-size: .88rem;
  list-style: none;
}
.key svg { display: inline-block; width: 1.6rem; height: 16px; vertical-align: -3px; margin-right: .5rem; }
table { width: 100%; border-collapse: collapse; margin-top: 1.1rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .88rem; padding-bottom: .5rem; }
th, td {
  padding: .55rem 0 .55rem 1.1rem; border-top: 1px solid var(--line); text-align: right; font-weight: 400;
  vertical-align: baseline;
}
th:first-child, td:first-child { padding-left: 0; }
thead th { border-top: 0; padding-top: 0; color: var(--soft); font-size: .84rem; white-space: nowrap; }
thead th:first-child, td:first-child { text-align: left; }
th.words, td.words { text-align: left; }
tbody th { text-align: left; }
td.fig { vertical-align: middle; }
small { color: var(--soft); font-size: .82rem; }
td > small { white-space: nowrap; }
.value { font-weight: 650; }
.better { color: var(--good); }
.worse { color: var(--bad); }
.unsure { color: var(--soft); }
.sign { display: inline-block; width: 1.1em; text-align: left; font-size: .8em; }
.none { color: var(--soft); }
.metrics .fig { width: 34%; }
.metrics small { display: block; }
tfoot td { border: 0; padding-top: .1rem; padding-bottom: 0; }
.labels .fig { width: 16%; }
.labels td { white-space: nowrap; }
.labels td > small { margin-left: .3rem; }
.labels { font-size: .95rem; }
.labels tr > * + * { padding-left: .9rem; }
.labels tbody tr > * { padding-top: .36rem; padding-bottom: .36rem; }
.gates { table-layout: fixed; }
.gates td, .gates th { vertical-align: top; text-align: left; }
.gates .fig { width: 32%; padding: .75rem 0 0 2rem; }
.gates th:first-child { width: 8rem; }
.gates .words { padding-left: 1rem; }
.gates .shadow { margin-top: .35rem; }
.failed { list-style: none; margin-top: .5rem; columns: 14rem; }
.gates .asks { font-weight: 600; }
.gates .words p { margin: .1rem 0 0; color: var(--soft); }
.gates .words p.note { color: var(--ink); }
.tag {
  display: inline-flex; align-items: baseline; gap: .35rem; padding: .05rem .6rem; border-radius: 1rem;
  background: var(--wash); font-size: .84rem; font-weight: 600; white-space: nowrap;
}
.tag.met { background: var(--good-wash); color: var(--good); }
.tag.missed { background: var(--bad-wash); color: var(--bad); }
.tag.undecided, .tag.unknown { background: var(--open-wash); color: var(--open); }
.tag.shadow { background: none; border: 1px dashed var(--soft); color: var(--soft); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem; }
.pair > * { min-width: 0; }
.mistakes .fig { width: 14%; }
.mistakes bdi { display: inline-block; max-width: 100%; }
.labels tbody th, .mistakes tbody th, .added tbody th { min-width: 10rem; overflow-wrap: anywhere; }
.flips td { overflow-wrap: anywhere; }
.arrow { color: var(--soft); padding: 0 .35rem; }
.tally { display: flex; flex-wrap: wrap; gap: .6rem 2.2rem; margin-top: 1rem; list-style: none; }
.tally b {
  display: block; font-size: 1.6rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums;
}
.tally span { color: var(--soft); font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.6rem; margin-top: 1rem; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
code, pre { font: .84em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: .6rem 0 0; padding: .7rem .9rem; background: var(--wash); border-radius: .5rem; white-space: pre-wrap; }
details { margin-top: 1rem; border-top: 1px solid var(--line); padding-top: .8rem; }
summary { cursor: pointer; font-weight: 600; }
summary small { color: var(--soft); font-weight: 400; }
footer { margin-top: 2rem; color: var(--soft); font-size: .88rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
svg { display: block; overflow: visible; }
.track { fill: var(--track); }
rect.new { fill: var(--new); }
.count { fill: var(--soft); }
circle.new { fill: var(--new); }
circle.old { fill: var(--sheet); stroke: var(--old); stroke-width: 2; }
line { stroke-width: 2; stroke: var(--old); }
line.span { stroke-width: 3; stroke-linecap: round; opacity: .45; }
line.span.new { stroke: var(--new); }
line.rule { stroke: var(--track); stroke-width: 1; }
line.seam { stroke: var(--sheet); stroke-width: 6; }
line.old { stroke-width: 2.5; stroke-linecap: round; }
.axis text { fill: var(--soft); font-size: 11px; }
.axis .mid { text-anchor: middle; }
.axis .to { text-anchor: end; }
.threshold .good { fill: var(--wash); }
.threshold .asked { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 3 2; }
.threshold .found { fill: var(--open); stroke: var(--open); }
.threshold.met .found { fill: var(--good); stroke: var(--good); }
.threshold.missed .found { fill: var(--bad); stroke: var(--bad); }
@media (max-width: 68rem) { .pair { grid-template-columns: 1fr; } }
@media (max-width: 58rem) {
  .page { padding: 1.5rem 1rem 2.5rem; }
  h1 { font-size: 1.55rem; }
  section { padding: 1.2rem 1.1rem 1.3rem; border-radius: .75rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd + dt { margin-top: .7rem; }
  .stack, .stack tbody { display: block; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack caption { display: block; }
  .stack tr {
    display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .9rem; padding: .75rem 0;
    border-top: 1px solid var(--line);
  }
  .stack tfoot { display: block; }
  .stack tfoot tr { border: 0; padding: 0; }
  .stack tr > *, .stack tbody tr > * { padding: 0; border: 0; text-align: left; width: auto; max-width: 100%; }
  .stack tbody tr > * { min-width: 0; overflow-wrap: anywhere; }
  .stack tbody tr > .words { flex: 1 1 100%; }
  .flips tbody tr > .words { flex: 0 1 auto; }
  .gates .words { padding: 0; }
  .gates .fig { padding: .4rem 0 0; }
  .stack .fig { flex: 1 0 100%; width: auto; padding: .3rem 0; }
  .stack .lead-cell { flex: 1 0 100%; font-weight: 600; }
  .stack [data-name]::before {
    content: attr(data-name) " "; color: var(--soft); font-size: .84rem; font-weight: 400;
  }
  .stack .sign { width: auto; margin-right: .2em; }
  .labels .lead-cell { flex: 1 1 auto; }
  .labels td { font-size: .92rem; }
  .labels td[data-name="documents"], .labels td[data-name="mentions"] { margin-left: auto; }
  .tally { gap: .6rem 1.2rem; }
  .tally li { max-width: 5.6rem; }
  .tally span { display: block; line-height: 1.3; }
}
@media (forced-colors: active) {
  section, .tag, .badge { border: 1px solid; }
  .track { fill: Canvas; stroke: CanvasText; }
  rect.new, circle.new, .count { fill: Highlight; }
  line, line.span.new { stroke: CanvasText; }
}
@media print {
  body { background: none; font-size: 10pt; }
  .page { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 1rem 0; margin-top: 1rem; }
  tr, dd, pre, .remark { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  svg, .badge, .tag { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""
STYLE = _THEMES + _RULES
