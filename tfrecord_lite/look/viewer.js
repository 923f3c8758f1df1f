// One picture, enlarged: drawn on a canvas, beside it the list of its objects. What is under the pointer in either of them
// stands out in both. The page gives it its data and its helpers (page.js).

function makeViewer() {
  const dialog = find("viewer"), canvas = find("canvas"), list = find("list"), pen = canvas.getContext("2d");
  const image = new Image();
  const fingers = new Map();
  let current = 0, lit = -1, zoom = 1, panX = 0, panY = 0, shapes = [];

  /** How pixels of the picture become those of the canvas. */
  function view() {
    const picture = data.pictures[current], width = canvas.clientWidth, height = canvas.clientHeight;
    const fit = Math.min((width - 24) / picture.w, (height - 24) / picture.h) * zoom;
    return { fit, x: (width - picture.w * fit) / 2 + panX, y: (height - picture.h * fit) / 2 + panY };
  }
  /** Whether there is little room, as on a phone. */
  function small() { return canvas.clientWidth < 560; }
  function open(number) {
    current = (number + data.pictures.length) % data.pictures.length;
    const picture = data.pictures[current];
    find("viewer-name").textContent = picture.name || "without a name";
    find("viewer-where").textContent = `${current + 1} of ${data.pictures.length} · ${picture.w} × ${picture.h} · ${picture.where}` +
      (picture.codes.length ? ` · ${picture.codes.join(", ")}` : "");
    shapes = picture.objects.map((thing) => (thing.m ? new Path2D(thing.m) : null));
    list.replaceChildren(...picture.objects.map(item));
    find("captions").replaceChildren(...picture.captions.map((text) => element("p", {}, named(text))));
    if (picture.jpeg) image.src = source(picture);
    else image.removeAttribute("src");
    if (!dialog.open) dialog.showModal();
    reset();
  }
  function item(thing, number) {
    const text = element("span", {}, named(classOf(thing).name), thing.crowd ? " (crowd)" : "");
    const about = [thing.b ? `${Math.round(thing.b[2])} × ${Math.round(thing.b[3])} px` : "pixels", thing.a].filter(Boolean);
    text.append(element("span", { class: "about" }, about.join(" · ")));
    const button = element("button", { type: "button" }, swatch(classOf(thing)), text);
    for (const name of ["pointerenter", "focus"]) button.addEventListener(name, () => light(number, false));
    for (const name of ["pointerleave", "blur"]) button.addEventListener(name, () => light(-1, false));
    return element("li", {}, button);
  }
  function light(number, scroll) {
    if (number === lit) return;
    lit = number;
    [...list.children].forEach((each, at) => each.firstChild.classList.toggle("on", at === lit));
    if (scroll && lit >= 0) list.children[lit].scrollIntoView({ block: "nearest" });
    paint();
  }
  function reset() {
    zoom = 1;
    panX = panY = 0;
    light(-1, false);
    paint();
  }
  function nearer(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
    const before = view(), next = Math.min(40, Math.max(1, zoom * factor)), by = next / zoom;
    zoom = next;
    const after = view(); // the point under the pointer stays there
    panX += x - (x - before.x) * by - after.x;
    panY += y - (y - before.y) * by - after.y;
    if (zoom === 1) panX = panY = 0;
    paint();
  }
  function paint() {
    if (!dialog.open) return;
    const picture = data.pictures[current], ratio = devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    const { fit, x, y } = view();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = "#26282a";
    pen.fillRect(x, y, picture.w * fit, picture.h * fit);
    pen.imageSmoothingQuality = "high";
    if (image.complete && image.naturalWidth) pen.drawImage(image, x, y, picture.w * fit, picture.h * fit);
    picture.objects.forEach((thing, number) => {
      if (off.has(thing.c)) return;
      pen.globalAlpha = lit < 0 || lit === number ? 1 : 0.13;
      shape(thing, shapes[number], { fit, x, y, ratio });
    });
    if (kinds.names) names(picture, { fit, x, y });
    pen.globalAlpha = 1;
  }
  function shape(thing, path, { fit, x, y, ratio }) {
    const style = classOf(thing), alpha = pen.globalAlpha, size = small() ? 0.6 : 1;
    if (path && kinds.masks) {
      pen.setTransform(ratio * fit, 0, 0, ratio * fit, ratio * x, ratio * y);
      pen.globalAlpha = alpha * 0.4;
      pen.fillStyle = style.colour;
      pen.fill(path);
      pen.globalAlpha = alpha;
      pen.lineWidth = 1.2 / fit;
      pen.strokeStyle = style.colour;
      pen.stroke(path);
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    if (thing.b && kinds.boxes) {
      const [left, top, width, height] = thing.b.map((value) => value * fit);
      const dashes = style.dash.map((length) => 2 * length * size);
      for (const [colour, line, dash] of [[halo(style), 4 * size, []], [style.colour, 2 * size, dashes]]) {
        pen.strokeStyle = colour;
        pen.lineWidth = line;
        pen.setLineDash(dash);
        pen.strokeRect(x + left, y + top, width, height);
      }
      pen.setLineDash([]);
    }
    if (!kinds.keypoints) return;
    for (const [colour, line] of [[halo(style), 4 * size], [style.colour, 2.4 * size]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = line;
      for (const [from, to] of bones(thing)) {
        pen.beginPath();
        pen.moveTo(x + from[0] * fit, y + from[1] * fit);
        pen.lineTo(x + to[0] * fit, y + to[1] * fit);
        pen.stroke();
      }
    }
    for (const [across, down, visibility] of joints(thing)) {
      pen.beginPath();
      pen.arc(x + across * fit, y + down * fit, 3.6 * size, 0, 7);
      pen.fillStyle = visibility > 1 ? style.colour : halo(style);
      pen.fill();
      pen.lineWidth = 1;
      pen.strokeStyle = halo(style);
      pen.stroke();
    }
  }
  /** Names where they do not hide each other, that of the lit object in any case. */
  function names(picture, { fit, x, y }) {
    const high = small() ? 15 : 20;
    pen.font = `${high - 6}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    const taken = [];
    const order = picture.objects.map((_, number) => number);
    if (lit >= 0) order.unshift(lit);
    for (const number of order) {
      const thing = picture.objects[number];
      if (!thing.b || off.has(thing.c)) continue;
      const style = classOf(thing), text = style.name + (thing.crowd ? " (crowd)" : "");
      const width = pen.measureText(text).width + 10, left = x + thing.b[0] * fit - 2;
      const above = y + thing.b[1] * fit - high, top = above < 0 ? above + high : above;
      if (taken.some(([a, b, w]) => left < a + w && a < left + width && Math.abs(top - b) < high)) continue;
      taken.push([left, top, width]);
      pen.globalAlpha = lit < 0 || lit === number ? 1 : 0.13;
      pen.fillStyle = style.colour;
      pen.fillRect(left, top, width, high);
      pen.fillStyle = style.ink;
      pen.fillText(text, left + 5, top + high / 2 + 0.5);
    }
  }

  image.addEventListener("load", paint);
  new ResizeObserver(paint).observe(canvas);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    nearer(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("dblclick", reset);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    canvas.classList.add("dragged");
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId), here = [event.offsetX, event.offsetY];
    if (!before) {
      const { fit, x, y } = view();
      light(under(data.pictures[current], (here[0] - x) / fit, (here[1] - y) / fit), true);
      return;
    }
    const other = [...fingers].find(([id]) => id !== event.pointerId);
    fingers.set(event.pointerId, here);
    if (other) {
      const apart = (point) => Math.hypot(point[0] - other[1][0], point[1] - other[1][1]) || 1;
      nearer(apart(here) / apart(before), (here[0] + other[1][0]) / 2, (here[1] + other[1][1]) / 2);
    } else {
      panX += here[0] - before[0];
      panY += here[1] - before[1];
      paint();
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => { fingers.delete(event.pointerId); canvas.classList.remove("dragged"); });
  }
  canvas.addEventListener("pointerleave", () => light(-1, false));
  find("previous").addEventListener("click", () => step(-1));
  find("next").addEventListener("click", () => step(1));
  find("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => figures[current].querySelector("button").focus());
  function step(by) {
    let number = current;
    do number = (number + by + figures.length) % figures.length;
    while (figures[number].hidden && number !== current);
    open(number);
  }
  return { open, paint, step, nearer, reset, isOpen: () => dialog.open };
}
