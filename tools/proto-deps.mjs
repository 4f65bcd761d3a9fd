// Writes buf/validate/validate.proto and what it imports as a FileDescriptorSet to the path given.
import { writeFileSync } from "node:fs";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate as validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

const files = new Map();
const visit = (file) => {
  if (files.has(file.name)) return;
  file.dependencies.forEach(visit);
  files.set(file.name, file.proto);
};
visit(validate);
const set = create(FileDescriptorSetSchema, { file: [...files.values()] });
writeFileSync(process.argv[2], toBinary(FileDescriptorSetSchema, set));
