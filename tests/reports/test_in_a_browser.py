"""Hostile text in an HTML report, in a real browser: nothing runs, nothing is fetched, all of it can be read."""

from __future__ import annotations

import json
import re

import pytest

from tests.browser import CHROMIUM, browser
from tests.hostile import TEXTS
from tests.reports.runs import RIGHT, WRONG, case, run_of
from vgpt_probe.reports.facts import gather
from vgpt_probe.reports.page import html

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

OWNED = "document.title='owned'"
#: What has made pages run a stranger's script: elements, attributes, addresses, styles, and text that is parsed twice.
SCRIPTS = [
    f"<script>{OWNED}</script>",
    f"</style></script><script>{OWNED}</script>",
    f"<img src=x onerror={OWNED}>",
    f"\"><img src=x onerror=\"{OWNED}\">",
    f"' onmouseover='{OWNED}' autofocus onfocus='{OWNED}' x='",
    f"<svg><script>{OWNED}</script></svg><svg onload={OWNED}>",
    f"<svg><animate onbegin={OWNED} attributeName=x dur=1s></svg>",
    f"<details open ontoggle={OWNED}>x</details>",
    f"<iframe srcdoc=\"<script>parent.{OWNED}</script>\"></iframe>",
    f"<iframe src=\"javascript:parent.{OWNED}\"></iframe>",
    f"<object data=\"data:text/html,<script>parent.{OWNED}</script>\"></object><embed src=\"javascript:{OWNED}\">",
    f"<a href=\"javascript:{OWNED}\">x</a><form action=\"javascript:{OWNED}\"><button>x</button></form>",
    "<meta http-equiv=refresh content=\"0;url=http://evil.example/\"><base href=\"http://evil.example/\">",
    "<link rel=stylesheet href=\"http://evil.example/x.css\"><style>@import 'http://evil.example/y.css';</style>",
    f"<noscript><p title=\"</noscript><img src=x onerror={OWNED}>\">",
    f"<math><mtext><table><mglyph><style><img src=x onerror={OWNED}></style></mglyph></table></mtext></math>",
    f"<!--><img src=x onerror={OWNED}>-->",
    f"&lt;script&gt;{OWNED}&lt;/script&gt;&#60;script&#62;{OWNED}&#60;/script&#62;",
    "{{ cycler.__init__.__globals__ }}{% include '/etc/passwd' %}",
    "\x00<scr\x00ipt>" + OWNED + "</scr\x00ipt>",
    f"<template><img src=x onerror={OWNED}></template><x is=y contenteditable onbeforeinput={OWNED}>",
]


@pytest.mark.parametrize("guarded", [True, False], ids=["as it is", "without its content security policy"])
async def test_no_script_of_a_text_runs(guarded, tmp_path):
    texts = [*SCRIPTS, *TEXTS.values()]
    models = {f"m{number}{text[:60]}": WRONG for number, text in enumerate(SCRIPTS[:4])} | {"m": RIGHT}
    cases = [
        case(number, text[:80], text[:80], module=text[:80], text=text, margin=1.0, **models)
        for number, text in enumerate(texts)
    ]
    written = html(gather(run_of(cases, *models), cases))
    assert "Content-Security-Policy" in written
    if not guarded:
        # What keeps the browser from running anything must not be all that does.
        written = re.sub(r"<meta[^>]*Content-Security-Policy[^>]*>", "", written)
    page_file = tmp_path / "report.html"
    page_file.write_text(written, encoding="utf-8")
    async with browser(tmp_path / "profile") as page:
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.call(f"{domain}.enable")
        page.events.clear()
        await page.call("Page.navigate", url=page_file.as_uri())
        await page.until(lambda: "Page.loadEventFired" in page.events)
        # Everything that a reader can do with a mouse is done to every element.
        await page.value(
            "for (const one of document.querySelectorAll('*')) for (const kind of ['mouseover', 'focus', 'toggle',"
            " 'click', 'beforeinput']) one.dispatchEvent(new Event(kind, {bubbles: true})); 0"
        )
        found = json.loads(
            await page.value(
                "JSON.stringify({title: document.title, address: location.href, scripts: document.scripts.length,"
                " fetched: performance.getEntriesByType('resource').length,"
                " acting: [...document.querySelectorAll('*')].filter(one => one.matches('img,iframe,object,embed,base,link,"
                "form,a[href],noscript,template,math,meta[http-equiv=refresh]') || [...one.attributes].some(own =>"
                " own.name.startsWith('on'))).length, text: document.body.textContent})"
            )
        )
    assert found["title"] != "owned" and "owned" in found["text"]
    assert found["address"] == page_file.as_uri()
    assert (found["scripts"], found["fetched"], found["acting"]) == (0, 0, 0)
    # The first is the page itself; a fault of a policy, an exception or a word on the console would each be told.
    assert page.events.count("Network.requestWillBeSent") <= 1
    assert not {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"} & set(page.events), page.events
    for text in SCRIPTS[:3]:
        assert text in found["text"]
