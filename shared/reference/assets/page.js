// Shows the contract, which openapi.js defines, with Redoc.

// The page has no pictures but Redoc's own: it would fetch its maker's logo from another server,
// which the policy of the page forbids. React sets the attribute as well as the property.
HTMLImageElement.prototype.setAttribute = function (name, value) {
  if (name !== "src") {
    Element.prototype.setAttribute.call(this, name, value);
  }
};
Object.defineProperty(HTMLImageElement.prototype, "src", { set() {} });

Redoc.init(
  contract,
  {
    // A search would start a worker, which the policy forbids. The browser's own search does.
    disableSearch: true,
    // The sandbox forbids downloads. The text links to the document instead.
    hideDownloadButtons: true,
    nativeScrollbars: true,
    sortRequiredPropsFirst: true,
    theme: { typography: { fontFamily: "sans-serif", headings: { fontFamily: "sans-serif" } } },
  },
  document.getElementById("reference"),
);
