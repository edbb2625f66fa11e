"""The outline of a page of HTML."""

from __future__ import annotations

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Checks that tags close in order, and collects headings and cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.headings, self.cells, self.strong = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "link"):
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tags = [tag for tag, _ in self.open]
        if "th" in tags:
            self.headings.append((data, self.open[tags.index("th")][1].get("scope")))
        if "td" in tags and data.strip():
            self.cells.append((data.strip(), self.open[tags.index("td")][1].get("class")))
        if "strong" in tags:
            self.strong.append(data)
