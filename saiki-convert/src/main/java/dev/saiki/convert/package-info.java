/// Import of other tools' models ({@link dev.saiki.convert.ModelImport}) and export to them ({@link
/// dev.saiki.convert.ModelExport}).
package dev.saiki.convert;
