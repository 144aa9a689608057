// JSON Schema 2020-12, as much of it as `consent/schema/` uses.
//
// A schema is compiled first. A keyword that is not known here throws: to pass over it would accept what it forbids.

import { spelled } from "./canonical.js";

const NOTES = new Set(["$schema", "$id", "$defs", "title"]);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
// In characters, of which JavaScript counts some as two.
const length = (text) => Array.from(text).length;

const TYPES = {
  object: isObject,
  array: Array.isArray,
  string: isText,
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

// Keyword → (its value, the schema it stands in, compile) → test. A test of one type passes values of the others.
const KEYWORDS = {
  type: (name) => entry(TYPES, name),
  const: (wanted) => equals(wanted),
  enum: (wanted) => anyOf(wanted.map(equals)),
  pattern: (text) => of(isText, matches(new RegExp(text, "u"))),
  minLength: (least) => of(isText, (text) => length(text) >= least),
  maxLength: (most) => of(isText, (text) => length(text) <= most),
  minimum: (least) => of(Number.isFinite, (number) => number >= least),
  maximum: (most) => of(Number.isFinite, (number) => number <= most),
  items: (schema, _, compile) => of(Array.isArray, every(compile(schema))),
  minItems: (least) => of(Array.isArray, (list) => list.length >= least),
  maxItems: (most) => of(Array.isArray, (list) => list.length <= most),
  uniqueItems: (wanted) => of(Array.isArray, (list) => !wanted || unique(list)),
  required: (names) => of(isObject, (object) => names.every((name) => name in object)),
  properties: (schemas, _, compile) => of(isObject, members(compileEach(schemas, compile))),
  additionalProperties: (schema, { properties = {} }, compile) => of(isObject, others(properties, compile(schema))),
  propertyNames: (schema, _, compile) => of(isObject, names(compile(schema))),
  maxProperties: (most) => of(isObject, (object) => Object.keys(object).length <= most),
  oneOf: (schemas, _, compile) => exactlyOne(schemas.map(compile)),
  if: (schema, { then = true, else: otherwise = true }, compile) =>
    branches(compile(schema), compile(then), compile(otherwise)),
  // Both are read where `if` is.
  then: () => () => true,
  else: () => () => true,
  $ref: (target, _, compile) => compile.reference(target),
};

/** Returns a test of JSON values. Throws Error for a schema that says something unknown. */
export function compileSchema(root) {
  const compile = (schema) => {
    if (typeof schema === "boolean") return () => schema;
    const tests = Object.entries(schema)
      .filter(([keyword]) => !NOTES.has(keyword))
      .map(([keyword, value]) => entry(KEYWORDS, keyword)(value, schema, compile));
    return (value) => tests.every((test) => test(value));
  };
  compile.reference = (target) => {
    const name = /^#\/\$defs\/(\w+)$/.exec(target)?.[1] ?? unknown(target);
    return compile(root.$defs?.[name] ?? unknown(target));
  };
  // What is defined is compiled, used or not: an unknown keyword in it must not hide.
  Object.values(root.$defs ?? {}).forEach(compile);
  return compile(root);
}

function entry(table, name) {
  return Object.hasOwn(table, name) ? table[name] : unknown(name);
}

function unknown(what) {
  throw new Error(`this schema says something unknown: ${what}`);
}

function of(isType, test) {
  return (value) => !isType(value) || test(value);
}

function equals(wanted) {
  if (typeof wanted === "object" && wanted !== null) unknown("a constant that is no scalar");
  return (value) => value === wanted;
}

function anyOf(tests) {
  return (value) => tests.some((test) => test(value));
}

function exactlyOne(tests) {
  return (value) => tests.filter((test) => test(value)).length === 1;
}

function matches(pattern) {
  return (text) => pattern.test(text);
}

function every(test) {
  return (list) => list.every(test);
}

function unique(list) {
  return new Set(list.map(spelled)).size === list.length;
}

function compileEach(schemas, compile) {
  return Object.entries(schemas).map(([name, schema]) => [name, compile(schema)]);
}

function members(tests) {
  return (object) => tests.every(([name, test]) => !(name in object) || test(object[name]));
}

function others(known, test) {
  return (object) => Object.keys(object).every((name) => Object.hasOwn(known, name) || test(object[name]));
}

function names(test) {
  return (object) => Object.keys(object).every((name) => test(name));
}

function branches(condition, then, otherwise) {
  return (value) => (condition(value) ? then(value) : otherwise(value));
}
