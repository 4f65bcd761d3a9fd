import { crashPoints } from "./crash_points.mjs";

crashPoints("postgresql");
