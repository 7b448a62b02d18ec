// Which column is what: one row a role, filled by the server's best guess; a complaint stands below its row.

import { el, newId } from "./dom.js";
import { help } from "./glossary.js";
import { unitText } from "./format.js";

export class Mapping {
  constructor(answer, changed) {
    this.answer = answer;
    this.changed = changed;
    this.columns = new Map(answer.columns.map((column) => [column.name, column]));
    this.rows = answer.roles.map((role) => new RoleRow(role, answer, this.columns, () => this.changed()));
    this.survey = this.makeSurvey();
    this.showNeeds();
    const main = this.rows.filter((row) => row.isMain);
    const rest = this.rows.filter((row) => !row.isMain);
    this.node = el(
      "div",
      { class: "mapping" },
      this.survey.node,
      el("fieldset", {}, el("legend", { text: "Columns" }), ...main.map((row) => row.node)),
      this.optional(rest),
    );
  }

  optional(rows) {
    if (!rows.length) return null;
    const summary = el("summary", { text: `Further columns (${rows.length})` });
    this.more = el("details", {}, summary, el("fieldset", {}, el("legend", { class: "sr", text: "Further columns" }), ...rows.map((row) => row.node)));
    return this.more;
  }

  makeSurvey() {
    const { surveys, guess } = this.answer;
    const id = newId("survey");
    const options = surveys.map(({ name, text }) => el("option", { value: name, text: text ? `${name}: ${text}` : name }));
    const select = el("select", { id, onchange: () => this.chosen() }, ...options);
    select.value = guess.survey ?? "generic";
    const complaint = el("p", { class: "complaint", id: `${id}-complaint`, hidden: true });
    const label = el("label", { for: id, text: "Kind of catalogue" });
    return { select, complaint, node: el("div", { class: "role" }, el("div", { class: "control-head" }, label), select, complaint) };
  }

  chosen() {
    this.showNeeds();
    this.changed();
  }

  showNeeds() {
    const { needs = [] } = this.answer.surveys.find(({ name }) => name === this.survey.select.value) ?? {};
    for (const row of this.rows) row.need(needs);
  }

  get source() {
    const columns = {};
    for (const row of this.rows) if (row.value) columns[row.role.role] = row.value;
    return { kind: "upload", upload: this.answer.upload, survey: this.survey.select.value, columns };
  }

  // Puts each complaint beside its field; returns those that belong to none.
  showComplaints(complaints) {
    for (const row of this.rows) row.complain(null);
    describe(this.survey.select, this.survey.complaint, null);
    return complaints.filter((complaint) => !this.place(complaint));
  }

  place(complaint) {
    if (complaint.field === "survey" || complaint.field === "catalogue.survey") {
      describe(this.survey.select, this.survey.complaint, complaint);
      return true;
    }
    const name = complaint.field?.replace(/^catalogue\.columns\./, "");
    const row = this.rows.find((candidate) => candidate.role.role === name);
    if (!row) return false;
    row.complain(complaint);
    if (this.more?.contains(row.node)) this.more.open = true;
    return true;
  }
}

const ALWAYS = new Set(["ra", "dec", "l", "b", "v_helio_error"]);

class RoleRow {
  constructor(role, answer, columns, changed) {
    Object.assign(this, { role, columns });
    const id = newId("role");
    const names = answer.columns.map((column) => el("option", { value: column.name, text: column.name }));
    this.select = el("select", { id, onchange: () => this.chosen(changed) }, el("option", { value: "", text: "— none —" }), ...names);
    this.unit = el("p", { class: "read-in" });
    this.examples = el("p", { class: "about" });
    this.complaint = el("p", { class: "complaint", id: `${id}-complaint`, hidden: true });
    this.needed = el("span", { class: "needed", text: " needed", hidden: !role.required });
    const label = el("label", { for: id, text: capital(role.label) }, this.needed);
    const head = el("div", { class: "control-head" }, label, help(role.label, role.help));
    this.node = el("div", { class: "role", "data-role": role.role }, head, el("div", { class: "role-body" }, this.select, this.unit), this.examples, this.complaint);
    this.guess(answer.guess.columns[role.role]);
  }

  // Some surveys need more than every catalogue does.
  need(extra) {
    this.needed.hidden = !this.role.required && !extra.includes(this.role.role);
  }

  // What is needed, filled, or tells the position stands in front; the rest can be opened.
  get isMain() {
    return this.role.required || Boolean(this.value) || ALWAYS.has(this.role.role);
  }

  guess(guessed) {
    if (!guessed) {
      this.describeColumn("");
      return;
    }
    this.select.value = guessed.name;
    this.describeColumn((guessed.why ?? "").replace(/; [^;]* assumed$/, ""));
  }

  chosen(changed) {
    this.describeColumn("");
    changed();
  }

  describeColumn(why) {
    const column = this.columns.get(this.select.value);
    this.unit.hidden = !column || !this.role.unit;
    const stated = column?.unit;
    this.unit.textContent = stated ? `in ${unitText(stated)}, as the file says` : `in ${unitText(this.role.unit)}, assumed`;
    const examples = column?.examples?.length ? `e.g. ${column.examples.slice(0, 3).join(", ")}` : "";
    this.examples.textContent = [why, column?.description, examples].filter(Boolean).join(" · ");
    this.examples.hidden = !this.examples.textContent;
  }

  get value() {
    return this.select.value ? { name: this.select.value } : null;
  }

  complain(complaint) {
    describe(this.select, this.complaint, complaint);
  }
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function describe(field, place, complaint) {
  place.hidden = !complaint;
  place.textContent = complaint?.text ?? "";
  if (complaint) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", place.id);
  } else {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}
