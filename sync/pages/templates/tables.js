"use strict";
// Searching, filtering and sorting in tables that ask for it; without it every table is there, whole.
document.querySelectorAll("table[data-live]").forEach(function (table) {
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var form = document.getElementById(table.id + "-filter");

  function value(row, column) {
    var cell = row.cells[column];
    var told = cell.getAttribute("data-sort");
    return told === null ? cell.textContent.trim().toLowerCase() : told === "" ? null : Number(told);
  }

  function sort(header, column) {
    var down = header.getAttribute("aria-sort") !== (header.hasAttribute("data-down") ? "descending" : "ascending");
    var falling = down === header.hasAttribute("data-down");
    Array.prototype.forEach.call(header.parentNode.cells, function (one) { one.removeAttribute("aria-sort"); });
    header.setAttribute("aria-sort", falling ? "descending" : "ascending");
    rows.sort(function (one, other) {
      var a = value(one, column), b = value(other, column);
      if (a === b) { return 0; }
      if (a === null || b === null) { return a === null ? 1 : -1; }
      return (a < b ? -1 : 1) * (falling ? -1 : 1);
    });
    rows.forEach(function (row) { body.appendChild(row); });
  }

  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (header, column) {
    if (header.hasAttribute("data-fixed")) { return; }
    var button = document.createElement("button");
    button.type = "button";
    while (header.firstChild) { button.appendChild(header.firstChild); }
    header.appendChild(button);
    button.addEventListener("click", function () { sort(header, column); });
  });

  if (!form) { return; }
  var count = form.querySelector("[data-count]");
  function filter() {
    var shown = 0;
    rows.forEach(function (row) {
      var fits = Array.prototype.every.call(form.elements, function (field) {
        var wanted = field.value.trim().toLowerCase();
        if (!wanted || !field.name) { return true; }
        if (field.type === "search") { return row.textContent.toLowerCase().indexOf(wanted) >= 0; }
        return (row.getAttribute("data-" + field.name) || "").toLowerCase().split(" ").indexOf(wanted) >= 0;
      });
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    count.textContent = shown + " of " + rows.length + " shown";
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.hidden = false;
  filter();
});
