
// Runs are lit in all charts together, and axes of the parallel chart choose among them.

const runs = new Map();
for (const element of document.querySelectorAll("[data-run]")) {
  const name = element.dataset.run;
  if (!runs.has(name)) runs.set(name, []);
  runs.get(name).push(element);
}

let lit = [];
function light(name) {
  for (const element of lit) element.classList.remove("lit");
  lit = runs.get(name) ?? [];
  for (const element of lit) element.classList.add("lit");
}
document.addEventListener("pointerover", (event) => light(event.target.closest("[data-run]")?.dataset.run));

for (const chart of document.querySelectorAll(".parallel")) {
  const svg = chart.querySelector("svg");
  const lines = [...chart.querySelectorAll(".rows [data-run]")];
  const heights = lines.map((line) => line.getAttribute("points").split(" ").map((point) => Number(point.split(",")[1])));
  const chosen = new Map();
  const told = chart.querySelector(".told");
  const clear = chart.querySelector(".clear");

  function choose() {
    let count = 0;
    lines.forEach((line, place) => {
      const isIn = [...chosen].every(([axis, [top, bottom]]) => heights[place][axis] >= top && heights[place][axis] <= bottom);
      count += isIn;
      for (const element of runs.get(line.dataset.run)) element.classList.toggle("out", !isIn);
    });
    told.textContent = chosen.size ? `${count} of ${lines.length} runs` : told.dataset.how;
    clear.hidden = chosen.size === 0;
  }

  function at(event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).y;
  }

  for (const brush of chart.querySelectorAll(".brush")) {
    const axis = Number(brush.dataset.axis);
    const range = brush.nextElementSibling;
    let start = null;
    function drag(event) {
      const ends = [start, at(event)].sort((a, b) => a - b);
      chosen.set(axis, ends);
      range.setAttribute("y", ends[0]);
      range.setAttribute("height", ends[1] - ends[0]);
      choose();
    }
    brush.addEventListener("pointerdown", (event) => {
      brush.setPointerCapture(event.pointerId);
      start = at(event);
    });
    brush.addEventListener("pointermove", (event) => start !== null && drag(event));
    brush.addEventListener("pointerup", (event) => {
      if (Math.abs(at(event) - start) < 3) {
        chosen.delete(axis);
        range.setAttribute("height", 0);
        choose();
      }
      start = null;
    });
    brush.addEventListener("pointercancel", () => (start = null));
  }

  clear.addEventListener("click", () => {
    chosen.clear();
    for (const range of chart.querySelectorAll(".range")) range.setAttribute("height", 0);
    choose();
  });
  choose();
}
