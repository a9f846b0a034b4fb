-- Makes the Parquet files beside this file, with the columns and types of the data sets that Hugging Face hosts; run with
-- DuckDB 1.5: duckdb < parquet.sql
COPY (
    SELECT 'Mercury_' || number AS id, 'b?' AS question,
           {'text': ['a', 'aeiou', 'é'], 'label': ['A', 'B', 'C']} AS choices, "answerKey"
    FROM (VALUES (1, 'A'), (2, 'B'), (3, 'A'), (4, 'C'), (5, 'B'), (6, 'A')) AS rows (number, "answerKey")
) TO 'arc.parquet' (FORMAT parquet, COMPRESSION snappy);

COPY (
    SELECT CAST(number AS INTEGER) AS ind, 'b' AS activity_label, 'b' AS ctx_a, 'b' AS ctx_b, 'b B' AS ctx,
           ['[xxxxx]a', 'aeiou', 'é'] AS endings, 'activitynet~v' AS source_id, 'val' AS split,
           'indomain' AS split_type, label
    FROM (VALUES (1, '0'), (2, '1'), (3, '0'), (4, '2'), (5, '1'), (6, '0')) AS rows (number, label)
) TO 'hellaswag.parquet' (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT 'b?' AS question, 'anatomy' AS subject, ['a', 'aeiou', 'é', 'bbbb'] AS choices, CAST(answer AS BIGINT) AS answer
    FROM (VALUES (0), (1), (0), (2), (1), (0)) AS rows (answer)
) TO 'mmlu.parquet' (FORMAT parquet, COMPRESSION snappy);
