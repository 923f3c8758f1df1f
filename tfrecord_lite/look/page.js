// The pictures of the page. Its data is the JSON in the element #data:
//   classes:   id, name, colour, ink (of text on the colour), dash (lengths in widths of the line)
//   skeletons: lists of bones, each a pair of keypoint numbers
//   pictures:  name, where, w and h in pixels, jpeg in base64 or problem, codes of warnings, captions, left (shapes that
//              were too many), objects: c class or -1, b box x y w h, m outline as path data, k keypoints x y visibility,
//              s skeleton, crowd, a attributes
// Texts of records get into the page as text nodes and attributes only, never as HTML.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const UNKNOWN = { id: "", name: "?", colour: "#ffffff", ink: "#000000", dash: [2, 2] };
const find = (id) => document.getElementById(id);
const classOf = (thing) => data.classes[thing.c] || UNKNOWN;
const halo = (style) => (style.ink === "#ffffff" ? "#ffffff" : "#202020");
const area = (thing) => (thing.b ? thing.b[2] * thing.b[3] : Infinity);
const off = new Set(); // classes that are switched off
const kinds = { boxes: true, masks: true, keypoints: true, names: true };

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
function drawn(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
function swatch(style) {
  const svg = drawn("svg", { class: "swatch", viewBox: "0 0 22 12", "aria-hidden": "true" });
  svg.append(drawn("rect", { x: 0.5, y: 0.5, width: 21, height: 11, rx: 2, fill: style.colour }));
  if (style.dash.length) {
    svg.append(drawn("path", { d: "M2 6h18", stroke: style.ink, "stroke-width": 2, "stroke-dasharray": style.dash.join(" ") }));
  }
  return svg;
}
const named = (text) => element("bdi", {}, text);
const source = (picture) => `data:image/jpeg;base64,${picture.jpeg}`;

// ---------------------------------------------------------------------------------------------- one picture
function group(picture, thing, number) {
  const style = classOf(thing);
  const made = drawn("g", { class: "object", "data-class": thing.c, "data-number": number });
  if (thing.m) made.append(drawn("path", { class: "mask", d: thing.m, fill: style.colour, stroke: style.colour }));
  if (thing.b) {
    const [x, y, width, height] = thing.b;
    const place = { x, y, width, height };
    made.append(drawn("rect", { class: "halo", stroke: halo(style), ...place }));
    const dash = style.dash.map((length) => 2 * length).join(" ");
    made.append(drawn("rect", { class: "box", stroke: style.colour, "stroke-dasharray": dash, ...place }));
  }
  for (const [from, to] of bones(thing)) {
    made.append(drawn("path", { class: "bone", d: `M${from[0]} ${from[1]}L${to[0]} ${to[1]}`, stroke: style.colour }));
  }
  const radius = Math.max(picture.w, picture.h) / 260;
  for (const [cx, cy, visibility] of joints(thing)) {
    const fill = visibility > 1 ? style.colour : halo(style);
    made.append(drawn("circle", { class: "joint", cx, cy, r: radius, fill, stroke: halo(style) }));
  }
  return made;
}
function joints(thing) {
  const found = [];
  for (let at = 0; thing.k && at < thing.k.length; at += 3) {
    if (thing.k[at + 2]) found.push(thing.k.slice(at, at + 3));
  }
  return found;
}
function bones(thing) {
  const at = (number) => thing.k.slice(3 * number, 3 * number + 3);
  return (thing.k ? data.skeletons[thing.s] : []).map(([a, b]) => [at(a), at(b)]).filter(([a, b]) => a[2] && b[2]);
}
function frame(picture) {
  const made = element("span", { class: "frame" });
  made.style.aspectRatio = `${picture.w} / ${picture.h}`;
  if (picture.jpeg) made.append(element("img", { src: source(picture), alt: "", loading: "lazy", decoding: "async" }));
  else made.append(element("span", { class: "none" }, picture.problem || "no image in the record"));
  const svg = drawn("svg", { viewBox: `0 0 ${picture.w} ${picture.h}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  picture.objects.forEach((thing, number) => svg.append(group(picture, thing, number)));
  made.append(svg, ...tags(picture));
  made.addEventListener("pointermove", (event) => {
    const box = made.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * picture.w;
    const y = ((event.clientY - box.top) / box.height) * picture.h;
    const number = under(picture, x, y);
    focus(made, number < 0 ? null : (one) => Number(one.dataset.number) === number);
  });
  made.addEventListener("pointerleave", () => focus(made, null));
  return made;
}
/** The names of objects, where they do not hide each other; the others show when their object does. */
function tags(picture) {
  const scale = 300 / picture.w; // some pixels as displayed
  const taken = [];
  return picture.objects.map((thing, number) => {
    const style = classOf(thing);
    const [x, y, width] = thing.b || [0, 0, 0];
    const text = style.name + (thing.crowd ? " (crowd)" : "");
    const made = element("bdi", { class: "tag", "data-class": thing.c, "data-number": number }, text);
    const wide = 8 + 6 * text.length;
    const left = Math.max(0, Math.min(x * scale, 300 - wide));
    const top = y * scale >= 14 ? y * scale - 14 : y * scale;
    const hides = (other) => left < other[0] + other[2] && other[0] < left + wide && Math.abs(top - other[1]) < 14;
    if (!thing.b || width * scale < 9 || taken.some(hides)) made.classList.add("spare");
    else taken.push([left, top, wide]);
    made.style.left = `${(100 * left) / 300}%`;
    made.style.top = `${(100 * Math.max(0, y)) / picture.h}%`;
    if (y * scale >= 14) made.style.transform = "translateY(-100%)";
    made.style.background = style.colour;
    made.style.color = style.ink;
    return made;
  });
}
function under(picture, x, y) {
  let best = -1;
  picture.objects.forEach((thing, number) => {
    if (off.has(thing.c) || !thing.b) return;
    const [left, top, width, height] = thing.b;
    const inside = x >= left && y >= top && x <= left + width && y <= top + height;
    if (inside && (best < 0 || area(thing) <= area(picture.objects[best]))) best = number;
  });
  return best;
}
/** Dims everything in a frame but what is wanted; null: nothing is dimmed. */
function focus(made, wanted) {
  made.classList.toggle("focus", wanted !== null);
  for (const one of made.querySelectorAll(".object, .tag")) one.classList.toggle("on", wanted !== null && wanted(one));
}

// ---------------------------------------------------------------------------------------------- the gallery
const gallery = find("gallery");
const figures = data.pictures.map((picture, number) => {
  const open = element("button", { type: "button", class: "open", "aria-label": `enlarge ${picture.name || picture.where}` }, frame(picture));
  open.addEventListener("click", () => viewer.open(number));
  const caption = element("figcaption", {}, element("span", { class: "file" }, named(picture.name || picture.where)));
  if (picture.codes.length) caption.append(element("span", { class: "codes" }, picture.codes.join(", ")));
  caption.append(counts(picture, open.firstChild));
  const made = element("figure", { class: "picture" }, open, caption);
  const ratio = Math.min(3, Math.max(0.45, picture.w / picture.h));
  made.style.flexGrow = ratio;
  made.style.flexBasis = `${Math.round(230 * ratio)}px`;
  return made;
});
function counts(picture, framed) {
  const found = new Map();
  for (const thing of picture.objects) found.set(thing.c, (found.get(thing.c) || 0) + 1);
  const list = element("span", { class: "kindlist" });
  for (const [row, count] of found) {
    const one = element("span", {}, named((data.classes[row] || UNKNOWN).name), ` ${count}`);
    one.addEventListener("pointerenter", () => focus(framed, (each) => Number(each.dataset.class) === row));
    one.addEventListener("pointerleave", () => focus(framed, null));
    list.append(one);
  }
  if (picture.left) list.append(`and ${picture.left} more that are not drawn`);
  return list;
}
gallery.append(...figures);
for (const place of document.querySelectorAll(".place")) {
  const number = Number(place.dataset.picture);
  place.append(frame(data.pictures[number]));
  place.setAttribute("aria-label", `enlarge ${data.pictures[number].name || data.pictures[number].where}`);
  place.addEventListener("click", () => viewer.open(number));
}

// ---------------------------------------------------------------------------------------------- what is shown
function toggle(kind) {
  kinds[kind] = !kinds[kind];
  document.body.classList.toggle(`no-${kind}`, !kinds[kind]);
  document.querySelector(`[data-kind="${kind}"]`).setAttribute("aria-pressed", kinds[kind]);
  viewer.paint();
}
for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => toggle(button.dataset.kind));
const present = new Set(data.pictures.flatMap((picture) => picture.objects.map((thing) => thing.c)));
data.classes.forEach((style, row) => {
  if (!present.has(row)) return;
  const chip = element("button", { type: "button", class: "chip", "data-chip": row, "aria-pressed": "true" }, swatch(style), named(style.name));
  chip.addEventListener("click", () => {
    if (!off.delete(row)) off.add(row);
    chip.setAttribute("aria-pressed", !off.has(row));
    for (const one of document.querySelectorAll(`[data-class="${row}"]`)) one.classList.toggle("off", off.has(row));
    viewer.paint();
  });
  chip.addEventListener("pointerenter", () => everywhere((each) => Number(each.dataset.class) === row));
  chip.addEventListener("pointerleave", () => everywhere(null));
  find("chips").append(chip);
});
function everywhere(wanted) {
  for (const one of gallery.querySelectorAll(".frame")) focus(one, wanted);
}
const onlyWarned = find("only-warned");
onlyWarned.hidden = !data.pictures.some((picture) => picture.codes.length);
onlyWarned.addEventListener("click", () => {
  const only = onlyWarned.getAttribute("aria-pressed") === "false";
  onlyWarned.setAttribute("aria-pressed", only);
  figures.forEach((made, number) => { made.hidden = only && !data.pictures[number].codes.length; });
});

const viewer = makeViewer();

// ---------------------------------------------------------------------------------------------- keys and theme
const help = find("keys");
find("help").addEventListener("click", () => help.showModal());
find("theme").addEventListener("click", () => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const next = { undefined: dark ? "light" : "dark", [dark ? "light" : "dark"]: dark ? "dark" : "light" }[root.dataset.theme];
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
});
function walk(by) {
  const visible = figures.filter((made) => !made.hidden);
  const at = visible.findIndex((made) => made.contains(document.activeElement));
  const next = visible[Math.min(visible.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  if (!next) return;
  next.querySelector("button").focus({ preventScroll: true });
  next.scrollIntoView({ block: "center" });
}
const keys = {
  j: () => (viewer.isOpen() ? viewer.step(1) : walk(1)),
  k: () => (viewer.isOpen() ? viewer.step(-1) : walk(-1)),
  ArrowRight: () => viewer.isOpen() && viewer.step(1),
  ArrowLeft: () => viewer.isOpen() && viewer.step(-1),
  "+": () => viewer.nearer(1.4), "=": () => viewer.nearer(1.4), "-": () => viewer.nearer(1 / 1.4), 0: () => viewer.reset(),
  b: () => toggle("boxes"), m: () => toggle("masks"), p: () => toggle("keypoints"), n: () => toggle("names"),
  "?": () => (help.open ? help.close() : help.showModal()),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  if (help.open && event.key !== "?") return;
  keys[event.key]();
});
