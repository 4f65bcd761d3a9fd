// The contracts as descriptors, for clients that take them at run time.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { root } from "./suite.mjs";

// Compiles them into `folder`; the registry also has what they import.
export function loadContracts(folder) {
  const proto = path.join(root, "proto");
  const files = readdirSync(proto, { recursive: true }).filter((file) => file.endsWith(".proto"));
  const out = path.join(folder, "contracts.binpb");
  execFileSync("protoc", ["-I", proto, "-I", path.join(root, "build/proto-deps"), "--include_imports", `--descriptor_set_out=${out}`, ...files, "google/rpc/error_details.proto", "google/rpc/status.proto"]);
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(out)));
}
