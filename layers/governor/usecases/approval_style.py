"""The approval page's one style sheet: a constant, so that the content security policy names its hash and no other."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f6f5f2; --sheet: #ffffff; --ink: #1d2125; --soft: #5b6570; --line: #dfe1e4; --edge: #838c96;
  --accent: #1f5fa8; --on-accent: #ffffff; --good: #1b6e3c; --bad: #a82a23; --good-wash: #e7f3ea; --bad-wash:
  #fbeae8; --wash: #eef1f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --sheet: #1d2125; --ink: #e7e9ec; --soft: #a3adb8; --line: #343a41; --edge: #78838e;
    --accent: #8ab8ee; --on-accent: #0e1a28; --good: #7fcf9b; --bad: #f19a92; --good-wash: #1b2e22; --bad-wash:
    #38201e; --wash: #262c33;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: break-word; }
.page { max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
header { margin-bottom: .6rem; } header p { color: var(--soft); font-size: .9rem; }
h1 { margin: 0 0 .75rem; font-size: 1.7rem; line-height: 1.25; font-weight: 650; letter-spacing: -.012em;
  text-wrap: balance; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; font-weight: 650; }
p { margin: 0 0 .75rem; }
p:last-child { margin-bottom: 0; }
.lead { font-size: 1.05rem; color: var(--soft); }
section { margin-top: 1.25rem; padding: 1.4rem 1.5rem; background: var(--sheet); border: 1px solid var(--line);
  border-radius: .75rem; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem 0; border-bottom: 1px solid var(--line); text-align: right; font-weight: 400; }
tbody tr:last-child > * { border-bottom: 0; padding-bottom: 0; }
th:first-child { width: 28%; text-align: left; }
thead th { padding-top: 0; color: var(--soft); font-size: .85rem; }
td { white-space: nowrap; }
td.candidate { font-weight: 650; }
.up { color: var(--good); } .down { color: var(--bad); } .none { color: var(--soft); }
.badge { display: inline-block; margin-right: .35rem; padding: .05rem .55rem; border-radius: 1rem; background:
  var(--wash); color: var(--ink);
  font-size: .85rem; font-weight: 650; letter-spacing: .02em; }
.badge.good { background: var(--good-wash); color: var(--good); }
.badge.bad { background: var(--bad-wash); color: var(--bad); }
ul { margin: .75rem 0 0; padding: 0; list-style: none; }
li { position: relative; margin-top: .4rem; padding-left: 1.5rem; }
li > .mark { position: absolute; left: 0; font-weight: 650; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.25rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
code { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
details { margin-top: 1rem; } summary { color: var(--soft); cursor: pointer; } details dl { margin-top: .75rem; }
.note { margin-top: 1.25rem; padding: .85rem 1.1rem; border-radius: .6rem; background: var(--wash); }
.note.bad { background: var(--bad-wash); color: var(--bad); }
.field { margin-bottom: 1.1rem; }
label { display: block; font-weight: 600; }
.hint, .fault { margin: 0 0 .35rem; font-size: .9rem; color: var(--soft); }
.fault { color: var(--bad); font-weight: 600; }
input, textarea { display: block; width: 100%; padding: .6rem .75rem; border: 1px solid var(--edge);
  border-radius: .5rem;
  background: var(--sheet); color: var(--ink); font: inherit; }
textarea { min-height: 5.5rem; resize: vertical; }
#code { max-width: 11rem; font-size: 1.25rem; letter-spacing: .18em; font-variant-numeric: tabular-nums; }
[aria-invalid] { border-color: var(--bad); border-width: 2px; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.4rem 0 1rem; }
button { flex: 1 1 15rem; min-height: 3rem; padding: .6rem 1rem; border: 2px solid var(--accent); border-radius:
  .55rem; background: var(--sheet);
  color: var(--accent); font: inherit; font-weight: 650; cursor: pointer; }
button.approve { background: var(--accent); color: var(--on-accent); }
button[disabled] { display: none; }
button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 32rem) {
  .page { padding: 1.25rem 1rem 2rem; } section { padding: 1.1rem 1rem; } h1 { font-size: 1.4rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd + dt { margin-top: .6rem; }
  table { table-layout: auto; } th, td { font-size: .92rem; }
  tr > * + * { padding-left: .6rem; }
}
@media (max-width: 23rem) {
  td > span { display: none; } th, td { font-size: .82rem; } thead th { font-size: .74rem; }
  tr > * + * { padding-left: .4rem; } section { padding: 1rem .8rem; }
}
@media (forced-colors: active) { button, section { border: 1px solid; } }
"""
