"""The style and the script of the sandbox's page.

They are served as files of their own, so that the page needs no inline code.
"""

from typing import Final

STYLE: Final = """\
:root { color-scheme: light dark; --line: #8886;
  --soft: #f1f2f4; --mark: #b3261e; --good: #1a6b2f; }
@media (prefers-color-scheme: dark) {
  :root { --soft: #262626; --mark: #ff9a8d; --good: #7fd998; }
}
html { background: Canvas; color: CanvasText; }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; min-width: 44rem; width: 100%; }
caption { text-align: left; padding-bottom: .25rem; }
th[scope=row] { font-weight: normal; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top; }
td { min-width: 6rem; max-width: 40rem; overflow-wrap: break-word; }
pre { overflow-wrap: anywhere; }
th code { overflow-wrap: anywhere; }
th[scope=row] { min-width: 14rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .85em; }
pre { background: var(--soft); margin: .25rem 0; padding: .5rem; white-space: pre-wrap; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: .5rem 0; }
label, legend { font-size: .9rem; }
label.field { display: grid; }
fieldset { border: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0;
  min-width: 0; }
input, select, button { font: inherit; padding: .3rem .5rem; max-width: 100%; }
input[type=number] { width: 7rem; }
:focus-visible { outline: 3px solid #2f6feb; outline-offset: 2px; }
.problem { border: 2px solid var(--mark); padding: .5rem; }
.against { color: var(--mark); font-weight: 600; }
.allowed { color: var(--good); }
"""

SCRIPT: Final = """\
"use strict";
// Shows new requests as they come in. Without it, the page shows them when it is loaded again.
const place = document.getElementById("requests");
const pause = document.getElementById("pause");
document.getElementById("live").hidden = false;

async function look() {
  const busy = place.contains(document.activeElement) || place.querySelector("details[open]");
  if (pause.checked || busy || document.hidden) return;
  try {
    const answer = await fetch("/_sandbox/page/requests");
    const content = await answer.text();
    if (answer.ok && content !== place.dataset.content) {
      place.dataset.content = content;
      place.innerHTML = content;  // of the sandbox itself, where every text is escaped
    }
  } catch {
    // The sandbox has ended. Nothing is new then.
  }
}
setInterval(look, 1000);
"""
