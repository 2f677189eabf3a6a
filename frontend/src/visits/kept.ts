// The names of what is kept for phone pages without a line.

export const PAGES = "visit-pages";
export const FILES = "visit-files";
