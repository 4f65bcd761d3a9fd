// The judge of what buf.validate's rules mean: protovalidate itself.
// oracle.mjs DESCRIPTORS CASES: for each line "TYPE BASE64" of CASES prints one JSON line {"valid": ..., "fields": [...]}.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";

const [descriptors, cases] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const validator = createValidator({ registry });

// As our validator writes a path: a map's entry without its key.
const pathText = (path) =>
  path
    .map((step) => {
      if (step.kind === "list_sub") return `[${step.index}]`;
      if (step.kind === "map_sub") return "[*]";
      return `.${step.name}`;
    })
    .join("")
    .replace(/^\./, "");

for (const line of readFileSync(cases, "utf8").split("\n")) {
  if (line === "") continue;
  const [typeName, bytes] = line.split(" ");
  const type = registry.getMessage(typeName);
  const result = validator.validate(type, fromBinary(type, base64Decode(bytes ?? "")));
  if (result.kind === "error") throw result.error;
  const fields = (result.violations ?? []).map((violation) => pathText(violation.field));
  console.log(JSON.stringify({ valid: result.kind === "valid", fields }));
}
