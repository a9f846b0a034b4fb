-- Makes documents.parquet and malformed.parquet beside this file; run with DuckDB 2.0: duckdb < documents.sql
-- Three row groups, so that reading goes over a border; one null; zstd, the codec of most published corpora.
COPY (
    SELECT i AS id, 'source ' || i AS origin,
           CASE WHEN i = 7 THEN NULL ELSE 'Document ' || i || ': Größe, 你好, 🙂.' END AS text
    FROM range(5000) AS t(i)
) TO 'documents.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048);
COPY (SELECT 1 AS id, CAST('\xFF\xFEbad' AS BLOB) AS text) TO 'malformed.parquet' (FORMAT parquet);
