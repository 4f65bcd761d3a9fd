// Tokens that nobody may get in with: [what is wrong, the reason to be told, the token]. Each is one step away from a good one.
import { constants } from "node:crypto";
import { encode, decode, hmac, inSeconds } from "./tokens.mjs";

const MALFORMED = "TOKEN_MALFORMED";
const BAD_SIGNATURE = "TOKEN_BAD_SIGNATURE";

// `issuer` has a P-256 key, `rsa` an RSA key, both trusted; `other` is one whose kid is trusted too; `stranger` isn't.
// `claims()` are good ones.
export function badTokens({ issuer, rsa, other, stranger, claims }) {
  const good = issuer.token(claims());
  const [header, payload, signature] = good.split(".");
  const withClaims = (more) => issuer.token({ ...claims(), ...more });
  const without = (name) => issuer.token(Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name)));
  const withHeader = (more) => issuer.token(claims(), { ...issuer.header, ...more });
  const texts = (headerText, claimsText) => issuer.seal(`${headerText}.${claimsText}`);
  const unsigned = (alg) => `${encode({ ...issuer.header, alg })}.${encode(claims())}.`;
  const confused = (secret, kid = rsa.kid) => {
    const text = `${encode({ alg: "HS256", kid, typ: "JWT" })}.${encode(claims())}`;
    return `${text}.${hmac(secret, text)}`;
  };
  const signedBy = (text, sign) => `${text}.${sign(text)}`;
  const twice = (object, member) => `{${member},${JSON.stringify(object).slice(1)}`;
  const bomb = (levels) => "[".repeat(levels) + "]".repeat(levels);
  const rsaPublic = (type, format) => rsa.publicKey.export({ type, format });

  return [
    ...["none", "None", "NONE", "nOnE", ""].map((alg) => [`alg "${alg}", no signature`, BAD_SIGNATURE, unsigned(alg)]),
    ["alg none, signed", BAD_SIGNATURE, withHeader({ alg: "none" })],
    ["two parts", MALFORMED, `${header}.${payload}`],
    ["four parts", MALFORMED, `${good}.${signature}`],
    ["five parts, as if encrypted", MALFORMED, `${header}.${payload}.${payload}.${payload}.${signature}`],

    ["HS256 by the RSA key in PEM", BAD_SIGNATURE, confused(rsaPublic("spki", "pem"))],
    ["HS256 by the RSA key in PKCS #1", BAD_SIGNATURE, confused(rsaPublic("pkcs1", "pem"))],
    ["HS256 by the RSA key in DER", BAD_SIGNATURE, confused(rsaPublic("spki", "der"))],
    ["HS256 by the RSA key as a JWK", BAD_SIGNATURE, confused(JSON.stringify(rsa.jwk))],
    ["HS256 by the P-256 key in PEM", BAD_SIGNATURE, confused(issuer.publicKey.export({ type: "spki", format: "pem" }), issuer.kid)],
    ["HS256 by nothing", BAD_SIGNATURE, confused("", issuer.kid)],

    ...["ES384", "ES512", "RS256", "EdDSA", "HS256", "es256"].map((alg) => [`alg ${alg} for a P-256 key`, BAD_SIGNATURE, withHeader({ alg })]),
    ["PS256 by an RSA key", BAD_SIGNATURE, signedBy(`${encode({ ...rsa.header, alg: "PS256" })}.${encode(claims())}`, (text) => rsa.sign(text, { padding: constants.RSA_PKCS1_PSS_PADDING }))],
    ["RS256, padded as PS256", BAD_SIGNATURE, signedBy(`${encode(rsa.header)}.${encode(claims())}`, (text) => rsa.sign(text, { padding: constants.RSA_PKCS1_PSS_PADDING }))],
    ["no alg", MALFORMED, withHeader({ alg: undefined })],
    ["alg is a number", MALFORMED, withHeader({ alg: 256 })],

    ["a kid that nobody has", "TOKEN_UNKNOWN_KEY", stranger.token(claims())],
    ["the kid of another key", BAD_SIGNATURE, withHeader({ kid: other.kid })],
    ["a kid that is a path", "TOKEN_UNKNOWN_KEY", withHeader({ kid: "../../dev/null" })],
    ["a kid that is SQL", "TOKEN_UNKNOWN_KEY", withHeader({ kid: "' OR 1=1 --" })],
    ["an empty kid", "TOKEN_UNKNOWN_KEY", withHeader({ kid: "" })],
    ["no kid", MALFORMED, withHeader({ kid: undefined })],
    ["kid is a list", MALFORMED, withHeader({ kid: [issuer.kid] })],
    ["a trusted kid on a stranger's signature", BAD_SIGNATURE, stranger.token(claims(), issuer.header)],

    ...["jku", "x5u"].map((name) => [`${name} in the header`, MALFORMED, stranger.token(claims(), { ...issuer.header, [name]: "https://keys.example/set" })]),
    ["jwk in the header", MALFORMED, stranger.token(claims(), { ...issuer.header, jwk: stranger.jwk })],
    ["x5c in the header", BAD_SIGNATURE, stranger.token(claims(), { ...issuer.header, x5c: ["AAAA"] })],
    ["crit in the header", MALFORMED, withHeader({ crit: ["exp"] })],
    ["b64: false, critical", MALFORMED, withHeader({ b64: false, crit: ["b64"] })],
    ["another typ", MALFORMED, withHeader({ typ: "assessment+jwt" })],
    ["no typ", MALFORMED, withHeader({ typ: undefined })],

    ["one character of the claims changed", BAD_SIGNATURE, `${header}.${encode({ ...decode(payload), role: "admin" })}.${signature}`],
    ["the first character of the signature changed", BAD_SIGNATURE, `${header}.${payload}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`],
    ["a signature cut short", BAD_SIGNATURE, `${header}.${payload}.${signature.slice(0, 40)}`],
    ["no signature", BAD_SIGNATURE, `${header}.${payload}.`],
    ["a signature of zeros", BAD_SIGNATURE, `${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`],
    ["an ECDSA signature in DER", BAD_SIGNATURE, signedBy(`${header}.${payload}`, (text) => issuer.sign(text, { dsaEncoding: "der" }))],
    ["a signature of something else", BAD_SIGNATURE, `${header}.${payload}.${issuer.sign("something else")}`],

    ["another aud", "TOKEN_WRONG_AUDIENCE", withClaims({ aud: "lumbar-booking" })],
    ["a list of other aud", "TOKEN_WRONG_AUDIENCE", withClaims({ aud: ["a", "b"] })],
    ["aud is an object", "TOKEN_WRONG_AUDIENCE", withClaims({ aud: { lumbar: "lumbar" } })],
    ["no aud", "TOKEN_WRONG_AUDIENCE", without("aud")],
    ["another iss", "TOKEN_WRONG_ISSUER", withClaims({ iss: "lumbar-dev/" })],
    ["iss is a list", "TOKEN_WRONG_ISSUER", withClaims({ iss: ["lumbar-dev"] })],
    ["no iss", "TOKEN_WRONG_ISSUER", without("iss")],
    ["no sub", MALFORMED, without("sub")],
    ["an empty sub", MALFORMED, withClaims({ sub: "" })],
    ["sub is a number", MALFORMED, withClaims({ sub: 17 })],
    ["no role", "TOKEN_UNKNOWN_ROLE", without("role")],
    ["a role that there isn't", "TOKEN_UNKNOWN_ROLE", withClaims({ role: "root" })],
    ["role is a list", "TOKEN_UNKNOWN_ROLE", withClaims({ role: ["service"] })],

    ["expired", "TOKEN_EXPIRED", withClaims({ exp: inSeconds(-120) })],
    ["expired in 1970", "TOKEN_EXPIRED", withClaims({ exp: 0 })],
    ["not yet valid", "TOKEN_NOT_YET_VALID", withClaims({ nbf: inSeconds(3600) })],
    ["issued in the future", "TOKEN_NOT_YET_VALID", withClaims({ iat: inSeconds(3600) })],
    ["no exp", MALFORMED, without("exp")],
    ["exp is text", MALFORMED, withClaims({ exp: `${inSeconds(600)}` })],
    ["exp is null", MALFORMED, withClaims({ exp: null })],
    ["exp is true", MALFORMED, withClaims({ exp: true })],
    ["exp before 1970", MALFORMED, withClaims({ exp: -1 })],
    ["exp beyond every calendar", MALFORMED, withClaims({ exp: 1e300 })],
    ["exp is too large for a number", MALFORMED, texts(header, encode(JSON.stringify({ ...claims(), exp: 0 }).replace('"exp":0', '"exp":1e999')))],
    ["iat is text", MALFORMED, withClaims({ iat: "now" })],
    ["iat is a list", MALFORMED, withClaims({ iat: [inSeconds(0)] })],
    ["nbf is text", MALFORMED, withClaims({ nbf: "now" })],

    ["larger than 8 KiB, signed", "TOKEN_TOO_LARGE", withClaims({ filler: "x".repeat(6300) })],
    ["8 KiB of dots", "TOKEN_TOO_LARGE", ".".repeat(8193)],
    ["a claim twice", MALFORMED, texts(header, encode(twice(claims(), '"sub":"staff/root"')))],
    ["a role twice", MALFORMED, texts(header, encode(twice(claims(), '"role":"admin"')))],
    ["a claim twice, once escaped", MALFORMED, texts(header, encode(twice(claims(), '"\\u0073ub":"staff/root"')))],
    ["a header member twice", MALFORMED, texts(encode(twice(issuer.header, '"alg":"none"')), payload)],
    ["a name twice within a claim", MALFORMED, texts(header, encode(twice(claims(), '"a":{"b":1,"b":2}')))],

    ["padding after the claims", MALFORMED, texts(header, `${encode(`${JSON.stringify(claims())} `.padEnd(400))}==`)],
    ["padding after the signature", MALFORMED, `${good}==`],
    ["+ and / in the signature", MALFORMED, `${header}.${payload}.+/${signature.slice(2)}`],
    ["+ and / in the header", MALFORMED, texts(plain({ ...issuer.header, x: "~~~???>>>" }), payload)],
    ["a space in the claims", MALFORMED, texts(header, `${payload.slice(0, 9)} ${payload.slice(9)}`)],
    ["a space before the token", MALFORMED, ` ${good}`],
    ["bits beyond the signature's last byte", MALFORMED, `${header}.${payload}.${signature.slice(0, -1)}${nextLetter(signature.at(-1))}`],
    ["%-escapes in the token", MALFORMED, good.replaceAll(".", "%2E")],

    ["JSON nested 2,500 deep in the claims", MALFORMED, texts(header, encode(twice(claims(), `"a":${bomb(2500)}`)))],
    ["JSON nested 17 deep in the claims", MALFORMED, texts(header, encode(twice(claims(), `"a":${bomb(17)}`)))],
    ["JSON nested 2,500 deep in the header", MALFORMED, texts(encode(twice(issuer.header, `"a":${bomb(2500)}`)), payload)],
    ["JSON that never ends", MALFORMED, texts(header, encode('{"a":'.repeat(900)))],
    ["claims are a list", MALFORMED, texts(header, encode("[]"))],
    ["claims aren't JSON", MALFORMED, texts(header, encode("sub=patients/17"))],
    ["claims aren't UTF-8", MALFORMED, texts(header, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString("base64url"))],
    ["claims after a byte order mark", MALFORMED, texts(header, encode(`\ufeff${JSON.stringify(claims())}`))],
    ["a comma too many", MALFORMED, texts(header, encode(JSON.stringify(claims()).replace("}", ",}")))],
    ["nothing but dots", MALFORMED, ".."],
  ];
}

// Of the alphabet that isn't for URLs.
const plain = (value) => encode(value).replaceAll("-", "+").replaceAll("_", "/");

// The one whose bits beyond the last byte differ: a lax decoder reads both alike.
function nextLetter(letter) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(letter) + 1];
}
