/// Import from other tools' formats ({@link dev.saiki.convert.ModelImport}) and export to them ({@link
/// dev.saiki.convert.ModelExport}).
package dev.saiki.convert;
