import { consultPoints } from "./consult_points.mjs";

consultPoints("sqlite");
