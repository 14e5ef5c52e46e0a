// What a page must hold where it is shown. A function of the screen's width and theme; it returns what is wrong, and how much it
// looked at.
(width, theme) => {
  const wrong = [];
  const counts = { texts: 0, bars: 0, segments: 0, credits: 0 };
  const say = (line) => { if (wrong.length < 20 && !wrong.includes(line)) wrong.push(line); };
  const all = (of, selector) => [...of.querySelectorAll(selector)];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 0;
  const words = (element) => element.textContent.trim();
  const short = (text) => text.length > 40 ? text.slice(0, 40) + "…" : text;
  // Half a pixel is rounding.
  const near = (one, other) => Math.abs(one - other) <= 0.75;

  if (!matchMedia(`(prefers-color-scheme: ${theme})`).matches) say(`the theme is not ${theme}`);
  const root = document.documentElement;
  const fits = (when) => {
    if (root.clientWidth > width) say(`${when}, the page is laid out for ${root.clientWidth} px`);
    if (root.scrollWidth > root.clientWidth) say(`${when}, ${root.scrollWidth} px do not fit into ${root.clientWidth} px`);
  };
  fits("closed");
  for (const details of all(document, "details")) details.open = true;
  fits("open");

  // What is wider than the screen scrolls in a box of its own. Everything else is inside of the screen.
  for (const element of all(document.body, "*").filter(shown)) {
    const box = element.getBoundingClientRect();
    if (!element.closest(".scroll") && (box.left < -0.75 || box.right > root.clientWidth + 0.75)) {
      say(`<${element.localName}> "${short(words(element))}" leaves the screen`);
    }
  }

  // Colours as four numbers, and one on top of another.
  const colour = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return [...parts.slice(0, 3), parts[3] ?? 1];
  };
  const over = (top, ground) => [0, 1, 2].map((at) => top[at] * top[3] + ground[at] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const below = element.parentElement ? ground(element.parentElement) : [255, 255, 255, 1];
    return over(colour(getComputedStyle(element).backgroundColor), below);
  };
  // The formula of WCAG 2.
  const luminance = (rgb) => {
    const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(rgb[0] / 255) + 0.7152 * linear(rgb[1] / 255) + 0.0722 * linear(rgb[2] / 255) + 0.05;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return high / low;
  };
  const isDark = luminance(ground(document.body)) < 0.2;
  if (isDark !== (theme === "dark")) say(`the page is ${isDark ? "dark" : "light"} in the theme ${theme}`);
  const opacity = (element) => element ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
  const isText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  for (const element of all(document.body, "*").filter((it) => it.localName !== "title" && isText(it) && shown(it))) {
    counts.texts += 1;
    const style = getComputedStyle(element);
    const ink = colour(element.localName === "text" ? style.fill : style.color);
    ink[3] *= opacity(element);
    const below = ground(element);
    const seen = contrast(over(ink, below), below);
    if (seen < 4.5) say(`"${short(words(element))}" has a contrast of ${seen.toFixed(2)}`);
    if (parseFloat(style.fontSize) < 12) say(`"${short(words(element))}" has ${style.fontSize}`);
  }

  // A text is readable if it is shown, and neither cut off nor under something else.
  const readable = (cell) => {
    cell.scrollIntoView({ block: "center", inline: "center" });
    const range = document.createRange();
    range.selectNodeContents(cell);
    const [box, text] = [cell.getBoundingClientRect(), range.getBoundingClientRect()];
    const on = document.elementFromPoint(text.left + text.width / 2, text.top + Math.min(text.height / 2, 8));
    const isInside = text.left >= box.left - 0.75 && text.right <= box.right + 0.75;
    return shown(cell) && words(cell) !== "" && isInside && on !== null && (cell.contains(on) || on.contains(cell));
  };
  const isNegative = (amount) => amount.startsWith("-");

  // The bars in tables: name and amount stand beside them, and credits are at the other side of the axis.
  for (const table of all(document, "table.bars")) {
    const edges = [];
    for (const span of all(table, ".bar span")) {
      counts.bars += 1;
      const row = span.closest("tr");
      const [name, amount] = [row.querySelector("th"), row.querySelector(".number")];
      for (const cell of [name, amount]) if (!readable(cell)) say(`"${short(words(cell))}" cannot be read`);
      if (!/^-?[\d,]+\.\d\d$/.test(words(amount))) say(`"${words(amount)}" is no amount`);
      const [bar, cell] = [span.getBoundingClientRect(), span.closest("td").getBoundingClientRect()];
      if (!shown(span)) say(`the bar of "${short(words(name))}" is not shown`);
      if (bar.left < cell.left - 0.75 || bar.right > cell.right + 0.75) say(`a bar of ${words(amount)} leaves its cell`);
      if (contrast(colour(getComputedStyle(span).backgroundColor), ground(span.parentElement)) < 3) {
        say(`the bar of "${short(words(name))}" cannot be told from what it is on`);
      }
      if (isNegative(words(amount))) counts.credits += 1;
      edges.push([words(amount), isNegative(words(amount)) ? bar.right : bar.left]);
    }
    const axis = edges.length > 0 ? edges[0][1] : 0;
    for (const [amount, edge] of edges) {
      if (!near(edge, axis)) say(`the bar of ${amount} begins at ${edge.toFixed(1)} and not at the axis, ${axis.toFixed(1)}`);
    }
  }

  // The drawings: credits are below the line, and each segment is an amount in the table.
  for (const section of all(document, "section")) {
    const rows = all(section, ".matrix tr").map((row) => [...row.children]);
    for (const svg of all(section, "svg").filter(shown)) {
      const line = svg.querySelector(".zero").getBoundingClientRect();
      const zero = (line.top + line.bottom) / 2;
      for (const rect of all(svg, "rect")) {
        counts.segments += 1;
        const title = words(rect.querySelector("title"));
        const [, name, month, amount] = title.match(/^([^]*), (\w{3} \d{4}): (.*)$/);
        const box = rect.getBoundingClientRect();
        // Amounts below the axis have the height of a hair at least, so that they may touch it.
        if (isNegative(amount) ? box.top < zero - 0.75 : box.bottom > zero + 0.75) say(`${title} is on the wrong side`);
        const at = rows[0].findIndex((cell, at) => at > 0 && words(cell) === name.trim());
        const row = rows.find(([head]) => words(head) === month);
        if (!row || at < 0 || words(row[at]) !== amount) say(`${short(name)}, ${month}: the table has no ${amount}`);
      }
      const canvas = svg.getBoundingClientRect();
      for (const part of all(svg, "text, rect, line")) {
        const box = part.getBoundingClientRect();
        const isInside = box.left >= canvas.left - 0.75 && box.right <= canvas.right + 0.75 && box.bottom <= canvas.bottom + 0.75;
        if (!isInside) say(`"${words(part)}" leaves its drawing`);
      }
      const labels = all(svg, "text").map((text) => [words(text), text.getBoundingClientRect()]);
      labels.forEach(([one, a], at) => {
        for (const [other, b] of labels.slice(at + 1)) {
          const apart = a.right <= b.left || b.right <= a.left || a.bottom - 3 <= b.top || b.bottom - 3 <= a.top;
          if (!apart) say(`"${one}" and "${other}" overlap in a drawing`);
        }
      });
    }
    const spots = all(section, ".matrix th, .matrix td");
    for (const cell of [spots[0], spots[spots.length - 1]]) if (!readable(cell)) say(`"${words(cell)}" cannot be read`);
  }
  return { wrong, counts };
}
