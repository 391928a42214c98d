// <live-chart>: a chart that moves as frames of data-event arrive, in the colours of the theme, with its numbers in a
// legend and a table. Its lines are the legend's items: data-path=["queues", "trades", "ready"] into the frame.
import uPlot from "../vendor/uplot.js";

const ROWS = 30;
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const second = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const at = (frame, path) => path.reduce((value, key) => value?.[key], frame) ?? null;

const words = (word) => (_, ticks) => ticks.map(word);

class LiveChart extends HTMLElement {
  connectedCallback() {
    this.lines = [...this.querySelectorAll("[data-path]")];
    this.paths = this.lines.map((line) => JSON.parse(line.dataset.path));
    this.canvas = this.querySelector(".chart-canvas");
    this.table = this.querySelector(".chart-table");
    const history = JSON.parse(document.getElementById(this.dataset.history).textContent);
    this.data = [history.at, ...history.series];
    this.stop = new AbortController();
    const { signal } = this.stop;
    document.addEventListener(this.dataset.event, (event) => this.add(event.detail), { signal });
    document.addEventListener("theme:changed", () => this.draw(), { signal });
    this.querySelector("details").addEventListener("toggle", () => this.tell(), { signal });
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.canvas);
    this.draw();
  }

  disconnectedCallback() {
    this.stop.abort();
    this.resized.disconnect();
    this.plot?.destroy();
  }

  get size() {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  fit() {
    if (this.size.width !== this.plot.width) this.plot.setSize(this.size);
  }

  draw() {
    this.plot?.destroy();
    const { color, borderTopColor: grid, fontFamily } = getComputedStyle(this);
    const font = `12px ${fontFamily}`;
    const axis = { stroke: color, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font };
    this.plot = new uPlot({
      ...this.size,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { range: () => this.window() }, y: { range: (_, low, high) => [0, Math.max(4, high * 1.1)] } },
      axes: [
        { ...axis, grid: { show: false }, size: 24, space: 72, values: words((tick) => clock.format(tick * 1000)) },
        { ...axis, size: 44, space: 32, values: words((tick) => short.format(tick)) },
      ],
      series: [{}, ...this.lines.map((line) => this.line(line))],
      hooks: { setCursor: [(plot) => this.legend(plot.cursor.idx)] },
    }, this.data, this.canvas);
    this.legend();
    this.tell();
  }

  line(item) {
    return {
      label: item.textContent, stroke: getComputedStyle(item.querySelector("i")).color, width: 1.75,
      points: { show: false }, spanGaps: false,
    };
  }

  window() {
    const now = Math.max(Date.now() / 1000, this.data[0].at(-1) ?? 0);
    return [now - Number(this.dataset.seconds), now];
  }

  add(frame) {
    const time = frame.at ?? Date.now() / 1000;
    if (time <= (this.data[0].at(-1) ?? 0)) return; // a frame that came late or twice would turn the line back
    this.data[0].push(time);
    this.paths.forEach((path, index) => this.data[index + 1].push(at(frame, path)));
    const [oldest] = this.window();
    const gone = this.data[0].findIndex((time) => time >= oldest);
    for (const values of this.data) values.splice(0, Math.max(0, gone - 1));
    this.plot.setData(this.data);
    this.legend(this.plot.cursor.idx);
    this.tell();
  }

  legend(index) {
    const chosen = index ?? this.data[0].length - 1;
    this.lines.forEach((line, number) => {
      const value = this.data[number + 1][chosen];
      line.querySelector("b").textContent = value == null ? "–" : short.format(value);
    });
  }

  tell() {
    if (!this.querySelector("details").open) return;
    const table = Object.assign(document.createElement("table"), { className: "table keep" });
    const names = this.lines.map((line) => line.querySelector("span").textContent);
    head(table, ["Time", ...names]);
    const body = table.createTBody();
    for (let index = this.data[0].length - 1; index >= Math.max(0, this.data[0].length - ROWS); index -= 1) {
      const [time, ...values] = this.data.map((column) => column[index]);
      cells(body.insertRow(), [second.format(time * 1000), ...values.map((value) => value ?? "–")]);
    }
    this.table.replaceChildren(table);
  }
}

function head(table, names) {
  const row = table.createTHead().insertRow();
  const heads = names.map((textContent) => Object.assign(document.createElement("th"), { scope: "col", textContent }));
  row.append(...heads);
}

function cells(row, values) {
  for (const value of values) row.insertCell().textContent = value;
}

customElements.define("live-chart", LiveChart);
