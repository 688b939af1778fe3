// `require("dotenv/config")` where dotenv is not installed.
require("./dotenv.cjs").config();
