// What keeps somebody from using a page. Each function returns the faults that it finds, as texts.

window.barriers = (() => {
  const CONTROLS = "a[href], button, summary, select, textarea, input:not([type=hidden])";
  const LEAST_CONTRAST = 3; // WCAG 1.4.11
  const SPACING = new CSSStyleSheet(); // WCAG 1.4.12
  SPACING.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`);

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const html = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const style = (element) => getComputedStyle(element);
  const isShown = (element) => element.checkVisibility({visibilityProperty: true});
  const isForScreenReaders = (element) => element.closest(".visually-hidden") || style(element).clipPath !== "none";
  const isHtml = (element) => element.namespaceURI === "http://www.w3.org/1999/xhtml";

  // Axe --------------------------------------------------------------------------------------------------------

  /**
   * Without preload: axe would put style sheets into the page, which the policy of the page forbids. Without the
   * watermark of a print, which is outlined on purpose and repeats what the page says.
   */
  async function violations(options) {
    const found = await axe.run({exclude: ".mark[aria-hidden=true]"}, {...options, resultTypes: ["violations"], preload: false});
    return found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 120)}`));
  }

  // Words and structure ----------------------------------------------------------------------------------------

  function deadLinks() {
    return all("a[href^='#']").map((each) => each.hash.slice(1)).filter((id) => id && !document.getElementById(id));
  }

  function choicesWithoutLegend() {
    return all("input[type=radio]").filter((each) => {
      const legend = each.closest("fieldset")?.querySelector(":scope > legend");
      return !legend?.textContent.trim();
    }).map((each) => each.name);
  }

  /** What should have the focus when the page opens, and has not. */
  function notFocused() {
    return all("[autofocus]").filter((each) => each !== document.activeElement).map(html);
  }

  /** What moves although the reader asked for less motion. */
  function moving() {
    return document.getAnimations().map((each) => html(each.effect.target));
  }

  /** Errors that the title of the page or the name of the control does not announce. */
  function silentErrors() {
    const wrong = all("[aria-invalid=true]");
    const undescribed = wrong.filter((each) => {
      const ids = [each, each.closest("fieldset")].map((one) => one?.getAttribute("aria-describedby") ?? "");
      const isDescribed = ids.join(" ").split(" ").some((id) => document.getElementById(id)?.textContent.trim());
      return !isDescribed && !each.closest(".form-row")?.querySelector(".errorlist"); // of Django’s admin
    });
    const title = wrong.length && !document.title.startsWith("Error:") ? [`title: ${document.title}`] : [];
    return [...undescribed.map(html), ...title];
  }

  /** Remember what is shown, for newlyShown. */
  function rememberShown() {
    barriers.shown = new Set(all("body *").filter(isShown));
  }

  /** What is shown now and was not before: axe has not seen it. */
  function newlyShown() {
    return all("body *").filter((each) => isShown(each) && !barriers.shown.has(each)).map(html);
  }

  // Size and layout --------------------------------------------------------------------------------------------

  function tooSmall(least) {
    const isInlineLink = (each) => each.matches("a") &&
      each.parentElement.textContent.trim() !== each.textContent.trim() && style(each).display === "inline";
    const height = (each) => {
      const box = each.getBoundingClientRect();
      if (box.bottom <= 0) return box.height; // the skip link without focus
      const x = box.x + box.width / 2, y = box.y + box.height / 2;
      const own = [each, ...(each.labels ?? [])];
      const hits = (at) => own.some((one) => one.contains(document.elementFromPoint(x, at)));
      let top = y, bottom = y;
      while (bottom - top < least && hits(top - 1)) top--;
      while (bottom - top < least && hits(bottom + 1)) bottom++;
      return hits(y) ? Math.max(bottom - top + 1, box.height) : 0;
    };
    const small = [];
    for (const each of all(CONTROLS)) {
      if (!isShown(each) || isInlineLink(each)) continue;
      if (each.matches(":not(.skip)")) each.scrollIntoView({block: "center", behavior: "instant"});
      if (height(each) < least) small.push(`${Math.round(height(each))} px: ${html(each)}`);
    }
    return small;
  }

  /** Elements that hide a part of their content. */
  function cutOff() {
    return all("body *").filter((each) => {
      const {overflowX, overflowY, position} = style(each);
      if (!isHtml(each) || position === "absolute" || each.matches("input, select, option")) return false;
      const hides = (overflow) => ["hidden", "clip"].includes(overflow);
      return (hides(overflowX) && each.scrollWidth > each.clientWidth + 1) ||
        (hides(overflowY) && each.scrollHeight > each.clientHeight + 1);
    }).map(html);
  }

  /** What makes the page, or a part of it that is neither a chart nor a table, wider than its place. */
  function sideways() {
    const scrolls = (each) => each.scrollWidth > each.clientWidth + 1;
    const parts = all("body *").filter((each) =>
      ["auto", "scroll"].includes(style(each).overflowX) && scrolls(each) && !each.matches("textarea, .chart-wide, :has(> table)"));
    const edge = document.documentElement.clientWidth + 1;
    const right = (each) => {
      const box = each.getBoundingClientRect();
      return Math.max(box.right, style(each).overflowX === "visible" ? box.left + each.scrollWidth : 0);
    };
    const sticksOut = (each) => right(each) > edge && !each.closest(".chart-wide, :has(> table)");
    const widest = scrolls(document.documentElement) ? all("body *").filter(sticksOut) : [];
    return [...parts, ...widest].map(html);
  }

  /** What stays on the screen while the page scrolls, if it takes more than a third of the screen. */
  function inTheWay() {
    const stays = all("body *").filter((each) =>
      ["sticky", "fixed"].includes(style(each).position) && isShown(each) && style(each).pointerEvents !== "none");
    const height = stays.reduce((sum, each) => sum + each.getBoundingClientRect().height, 0);
    return height > innerHeight / 3 ? stays.map(html) : [];
  }

  /** Lines of text with their places on the page. */
  function lines() {
    const found = [], range = document.createRange();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const isText = walker.currentNode.data.trim() && isHtml(element) && !element.matches("option, script");
      if (!isText || !isShown(element) || element.closest("[aria-hidden=true], .visually-hidden, .skip")) continue;
      for (let above = element; above; above = above.parentElement) {
        if (["sticky", "fixed"].includes(style(above).position) || style(above).clipPath !== "none") above = null;
        if (!above) break;
        if (above !== document.body) continue;
        range.selectNodeContents(walker.currentNode);
        for (const {left, right, top, height} of range.getClientRects()) {
          const line = {left, right, top: top + height / 4, bottom: top + height * 3 / 4};
          found.push({...line, node: walker.currentNode, element});
        }
        break;
      }
    }
    return found.sort((one, other) => one.top - other.top);
  }

  function overlaps() {
    const found = new Set(), sorted = lines();
    sorted.forEach((one, index) => {
      for (let next = index + 1; next < sorted.length && sorted[next].top < one.bottom; next++) {
        const other = sorted[next];
        const shared = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        if (shared > 2 && one.node !== other.node) found.add(`${html(one.element)} | ${html(other.element)}`);
      }
    });
    return [...found];
  }

  /** What is lost when a reader sets the spacing of the text. */
  function lostBySpacing() {
    document.adoptedStyleSheets.push(SPACING);
    const found = [...cutOff(), ...sideways(), ...overlaps()];
    document.adoptedStyleSheets.pop();
    return found;
  }

  // Colours ----------------------------------------------------------------------------------------------------

  function rgba(colour) {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return {channels: [red, green, blue], alpha};
  }

  /** The colour behind an element. */
  function background(element) {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const layer = rgba(style(each).backgroundColor);
      layers.push(layer);
      if (layer.alpha === 1) break;
    }
    const canvas = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    return layers.reduceRight((below, {channels, alpha}) =>
      channels.map((each, index) => each * alpha + below[index] * (1 - alpha)), canvas);
  }

  function luminance(channels) {
    const [red, green, blue] = channels.map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  /** Edges of fields, and icons, that are hard to see. */
  function faint() {
    const frame = (each) => each.closest(".form-check") ?? each;
    const edge = (each) => {
      const {borderBottomWidth, borderBottomColor, backgroundColor} = style(each);
      return rgba(parseFloat(borderBottomWidth) ? borderBottomColor : backgroundColor).channels;
    };
    const fields = all("input:not([type=hidden], [type=submit]), select, textarea").filter(isShown).map(frame);
    const faintFields = [...new Set(fields)].filter((each) =>
      !each.matches("[type=radio], [type=checkbox], [type=file]") &&
      contrast(edge(each), background(each.parentElement)) < LEAST_CONTRAST);
    const icons = all("svg.shape").filter((each) => isShown(each) && style(each).fill.startsWith("rgb"));
    const faintIcons = icons.filter((each) =>
      contrast(rgba(style(each).fill).channels, background(each.parentElement)) < LEAST_CONTRAST);
    return [...faintFields, ...faintIcons].map(html);
  }

  /** States that are lost in forced colours, where backgrounds and shadows are not painted. */
  function lostInForcedColours() {
    const look = (each) => {
      const {borderTopWidth, borderTopColor, borderBottomColor, fontWeight, textDecorationLine} = style(each);
      return [borderTopWidth, borderTopColor, borderBottomColor, fontWeight, textDecorationLine].join();
    };
    const chosen = all("input:checked").filter((each) => isShown(each) && style(each).appearance === "none");
    const here = all("[aria-current]").filter((each) => {
      const notHere = each.cloneNode(true);
      notHere.removeAttribute("aria-current");
      each.after(notHere);
      const isAlike = look(notHere) === look(each);
      notHere.remove();
      return isShown(each) && isAlike;
    });
    const invalid = all("[aria-invalid=true]").filter((each) => isShown(each) &&
      !each.matches("[type=radio], [type=checkbox]") && parseFloat(style(each).borderTopWidth) < 2);
    const painted = all("body *").filter((each) => isHtml(each) && isShown(each) && !each.childNodes.length &&
      !each.matches("input, select, textarea, hr, progress, br") && each.getBoundingClientRect().height > 2 &&
      rgba(style(each).backgroundColor).alpha && !parseFloat(style(each).borderTopWidth));
    const frames = all(".outcome, .finding, .hits, .errors:not(.form-row), .notice, .message, .superseded-by")
      .filter((each) => isShown(each) && style(each).borderLeftStyle === "none");
    const buttons = all("button, input[type=submit], .btn").filter((each) => isShown(each) &&
      !parseFloat(style(each).borderTopWidth) && style(each).textDecorationLine !== "underline");
    return [...chosen, ...here, ...invalid, ...painted, ...frames, ...buttons].map(html);
  }

  // Focus ------------------------------------------------------------------------------------------------------

  /** What Tab stops at, in the order of the page. */
  function stops() {
    const able = all(`${CONTROLS}, [tabindex]`)
      .filter((each) => each.tabIndex >= 0 && !each.matches(":disabled") && isShown(each));
    return able.filter((each) => {
      if (each.type !== "radio") return true;
      const group = able.filter((one) => one.type === "radio" && one.name === each.name && one.form === each.form);
      return each === (group.find((one) => one.checked) ?? group[0]);
    });
  }

  /** Start to record what Tab reaches. Return how often Tab has to be pressed for the whole page. */
  function watchTab() {
    const reached = [];
    document.addEventListener("keyup", (event) => {
      if (event.key === "Tab") reached.push(document.activeElement);
    });
    document.activeElement?.blur();
    getSelection().removeAllRanges();
    barriers.reached = reached;
    return stops().length + 1;
  }

  /** Controls that Tab did not reach in the order of the page, and traps. */
  function outOfOrder() {
    const expected = stops();
    const reached = barriers.reached.filter((each) => expected.includes(each));
    const first = reached.slice(0, expected.length);
    return expected.filter((each, index) => first[index] !== each).map(html);
  }

  function hasRing(each) {
    return style(each).outlineStyle !== "none" && parseFloat(style(each).outlineWidth) >= 2;
  }

  function isRingFaint(each) {
    return contrast(rgba(style(each).outlineColor).channels, background(each.parentElement)) < LEAST_CONTRAST;
  }

  /** True if most of an element is outside the screen, or below something that stays there. */
  function isCovered(element) {
    const box = [...element.getClientRects()].sort((one, other) => other.width - one.width)[0];
    const top = Math.max(box.top, 0), height = Math.min(box.bottom, innerHeight) - top;
    if (height < Math.min(box.height / 2, 44)) return true; // of a long text only the place of the cursor is shown
    const own = [element, element.parentElement, ...(element.labels ?? [])];
    const points = [0.1, 0.5, 0.9].flatMap((across) => [0.1, 0.5, 0.9].map((down) =>
      document.elementFromPoint(box.left + box.width * across, top + height * down)));
    const least = element.matches("textarea") ? 1 : points.length / 2; // a browser shows the line of the cursor
    return points.filter((each) => each && own.some((one) => one.contains(each))).length < least;
  }

  /** Controls that do not show their focus. Tab was pressed before. */
  function ringFaults() {
    const faults = stops().flatMap((each) => {
      each.focus();
      const ring = [each, each.parentElement].find(hasRing);
      if (!ring) return [`without a ring: ${html(each)}`];
      return isRingFaint(ring) ? [`with a faint ring: ${html(each)}`] : [];
    });
    document.activeElement.blur();
    return faults;
  }

  /** Controls that something covers while they have the focus, when it moves forwards or backwards. */
  async function covered() {
    const faults = new Set(), forwards = stops();
    for (const each of [...forwards, ...[...forwards].reverse()]) {
      each.focus();
      for (let frame = 0; isCovered(each) && frame < 5; frame++) await new Promise(requestAnimationFrame);
      if (isCovered(each)) faults.add(html(each));
    }
    document.activeElement.blur();
    return [...faults];
  }

  return {
    violations, rememberShown, newlyShown, notFocused, moving, deadLinks, choicesWithoutLegend, silentErrors, tooSmall, cutOff, sideways, inTheWay,
    overlaps, lostBySpacing, faint, lostInForcedColours, watchTab, outOfOrder, ringFaults, covered,
  };
})();
