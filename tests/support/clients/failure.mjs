// What every client of the matrix fails with: gRPC's number of the code, and the reason of the error's ErrorInfo.
import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";

export const CODES = ["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"];
export const code = (name) => CODES.indexOf(name);

export class Failure extends Error {
  constructor(codeNumber, reason, message) {
    super(`${CODES[codeNumber] ?? codeNumber}${reason ? `/${reason}` : ""}: ${message}`);
    this.code = codeNumber;
    this.reason = reason;
  }
}

// Of the JSON that REST answers (AIP-193).
export function fromRest({ error }) {
  return new Failure(code(error.status), error.details.find((detail) => detail.reason)?.reason, error.message);
}

// Of a serialized google.rpc.Status, as gRPC's trailer `grpc-status-details-bin` has it.
export function reasonIn(contracts, bytes) {
  const status = fromBinary(contracts.getMessage("google.rpc.Status"), bytes);
  const info = contracts.getMessage("google.rpc.ErrorInfo");
  const detail = status.details.find(({ typeUrl }) => typeUrl.endsWith(`/${info.typeName}`));
  return detail && fromBinary(info, detail.value).reason;
}

// Of the details of Connect's JSON of an error.
export function reasonOfConnect(contracts, details = []) {
  const info = contracts.getMessage("google.rpc.ErrorInfo");
  const detail = details.find(({ type }) => type === info.typeName);
  return detail && fromBinary(info, Buffer.from(detail.value, "base64")).reason;
}

// The failure that a call must have.
export async function failure(promise) {
  const error = await promise.then(() => assert.fail("the call went well"), (error) => error);
  assert.ok(error instanceof Failure, error?.stack ?? `${error}`);
  return error;
}

export async function all(items) {
  const taken = [];
  for await (const item of items) taken.push(item);
  return taken;
}
