(() => {
  "use strict";
  const height = width => width > 700 ? 380 : 300;
  const PRINT_WIDTH = 640;
  const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [12, 4], [4, 2], [1, 2], [6, 2, 1, 2, 1, 2]];
  const plots = [];

  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = v =>
    v == null ? "–" : Math.abs(v) >= 1e15 ? v.toExponential(2) : v.toLocaleString("en", {maximumSignificantDigits: 4});

  // The axis runs from min to max where they are given; else it fits the data with its bands, and
  // begins at 0 where that costs little.
  function range(axis, values) {
    const usable = values.filter(v => v != null && (!axis.log || v > 0));
    let min = axis.min ?? Math.min(...usable), max = axis.max ?? Math.max(...usable);
    if (usable.length === 0) return axis.log ? [1, 10] : [0, 1];
    if (axis.log) {
      const step = v => 10 ** Math.floor(Math.log10(v));
      return [axis.min ?? Math.floor(min / step(min) + 1e-9) * step(min), axis.max ?? Math.ceil(max / step(max) - 1e-9) * step(max)]
        .map((v, i, both) => i && v <= both[0] ? both[0] * 2 : v);
    }
    if (axis.min == null && min >= 0 && min < 0.6 * max) min = 0;
    const room = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.1 || 1;
    return [axis.min == null && min !== 0 ? min - room : min, axis.max == null ? max + room : max];
  }

  // scale is 2 for paper, where the canvas is drawn at twice its size and shrunk by the style sheet
  function options(data, width, scale) {
    const ink = color("--ink"), muted = color("--muted"), rule = color("--rule"), paper = color("--card");
    const font = `${12 * scale}px system-ui, sans-serif`;
    const axis = a => ({
      label: a.label, font, labelFont: font, labelSize: 22 * scale, stroke: muted,
      grid: {stroke: rule, width: scale}, ticks: {stroke: rule, width: scale, size: 5 * scale},
      gap: 5 * scale,
      values: (u, splits) => splits.map(v => v == null ? null : number(v)),
    });
    const band = l => l.y.flatMap((v, i) => v == null ? [] : [v - (l.spread[i] ?? 0), v + (l.spread[i] ?? 0)]);
    const yRange = range(data.y, data.steps && !data.y.log ? [0, ...data.lines.flatMap(band)] : data.lines.flatMap(band));
    const [first, last] = [data.at[0] ?? 0, data.at[data.at.length - 1] ?? 1];
    const room = data.steps || data.x.log ? 0 : (last - first || 1) * 0.015;
    const xRange = [data.x.min ?? first - room, data.x.max ?? last + room];
    return {
      width: width * scale, height: height(width) * scale,
      padding: [8 * scale, 14 * scale, 0, 0],
      scales: {
        x: {time: false, distr: data.x.log ? 3 : 1, range: (u, lo, hi) => lo > first || hi < last ? [lo, hi] : xRange},
        y: {distr: data.y.log ? 3 : 1, range: yRange},
      },
      axes: [
        {...axis(data.x), size: 34 * scale, space: 50 * scale},
        {...axis(data.y), size: 58 * scale, space: 34 * scale},
      ],
      series: [
        {label: "\u00a0", value: (u, v) => v == null ? "" : data.x.label + " " + number(v)},
        ...data.lines.map((l, i) => ({
          label: l.name,
          stroke: color(`--s${i % 8}`),
          width: (data.steps ? 1.5 : 2) * scale,
          dash: data.steps ? undefined : DASHES[i % 8].map(d => d * scale),
          fill: data.steps ? color(`--s${i % 8}`) + "40" : undefined,
          fillTo: (u, s, min) => data.y.log ? yRange[0] : 0,
          paths: data.steps ? uPlot.paths.stepped({align: 1}) : undefined,
          points: {show: !data.steps, size: 6 * scale, fill: paper, width: 1.5 * scale},
          spanGaps: true,
          value: (u, v, s, at) => v == null ? "" : number(v) + (at != null && l.spread[at] > 0 ? " ± " + number(l.spread[at]) : ""),
        })),
      ],
      legend: {markers: {width: 0, fill: (u, i) => i === 0 ? "transparent" : color(`--s${(i - 1) % 8}`)}},
      cursor: {drag: {x: true, y: false}, points: {size: 8}},
      hooks: {drawAxes: [u => bands(u, data)]},
    };
  }

  function bands(u, data) {
    const {ctx} = u;
    const y = v => u.valToPos(data.y.log ? Math.max(v, u.scales.y.min) : v, "y", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    data.lines.forEach((l, i) => {
      const points = data.at.map((x, p) => [x, l.y[p], l.spread[p] ?? 0]).filter(p => p[1] != null);
      if (!u.series[i + 1].show || !points.some(p => p[2] > 0)) return;
      ctx.beginPath();
      points.forEach(([x, v, s]) => ctx.lineTo(u.valToPos(x, "x", true), y(v + s)));
      points.reverse().forEach(([x, v, s]) => ctx.lineTo(u.valToPos(x, "x", true), y(v - s)));
      ctx.closePath();
      ctx.globalAlpha = 0.16;
      ctx.fillStyle = color(`--s${i % 8}`);
      ctx.fill();
    });
    ctx.restore();
  }

  function draw(plot, width, scale) {
    plot.chart?.destroy();
    const {data} = plot;
    const lines = data.lines.map(l => l.y.map(v => data.y.log && v <= 0 ? null : v));
    plot.chart = new uPlot(options(data, width, scale), [data.at, ...lines], plot.box);
  }

  for (const figure of document.querySelectorAll("figure")) {
    const box = figure.querySelector(".plot");
    plots.push({box, data: JSON.parse(figure.querySelector("script").textContent), chart: null});
  }
  const screen = () => plots.forEach(p => draw(p, p.box.clientWidth, 1));
  screen();
  const resized = new ResizeObserver(entries => {
    if (document.documentElement.dataset.print) return;
    for (const {target, contentRect} of entries) {
      const {chart} = plots.find(p => p.box === target);
      if (Math.abs(contentRect.width - chart.width) > 1) chart.setSize({width: contentRect.width, height: height(contentRect.width)});
    }
  });
  plots.forEach(p => resized.observe(p.box));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", screen);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.print = "yes";
    plots.forEach(p => draw(p, PRINT_WIDTH, 2));
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset.print;
    screen();
  });
})();
