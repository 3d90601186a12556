package io.github.deletionpolicy.sample.trash;

import java.util.List;
import java.util.Optional;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads deleted rows. A row that went along carries the deletion time of its parent, and
 * so is told from one that was deleted by itself.
 */
@Component
class DeletedRows {

	private static final int LONGEST_LIST = 100;

	private static final String ROWS = """
			SELECT 'projects' AS table_name, p.id::text AS id, p.name, p.deletion_time, p.deleted_by, p.legal_hold AS held,
			  (SELECT count(*) FROM tasks t WHERE t.project_id = p.id AND t.deletion_time = p.deletion_time)
			  + (SELECT count(*) FROM attachments a JOIN tasks t ON t.id = a.task_id
			     WHERE t.project_id = p.id AND a.deletion_time = p.deletion_time) AS along
			FROM projects p WHERE p.deletion_time IS NOT NULL
			UNION ALL
			SELECT 'tasks', t.id::text, t.title, t.deletion_time, t.deleted_by, false,
			  (SELECT count(*) FROM attachments a WHERE a.task_id = t.id AND a.deletion_time = t.deletion_time)
			FROM tasks t JOIN projects p ON p.id = t.project_id
			WHERE t.deletion_time IS NOT NULL AND t.deletion_time IS DISTINCT FROM p.deletion_time
			UNION ALL
			SELECT 'attachments', a.id::text, a.file_name, a.deletion_time, a.deleted_by, false, 0
			FROM attachments a JOIN tasks t ON t.id = a.task_id
			WHERE a.deletion_time IS NOT NULL AND a.deletion_time IS DISTINCT FROM t.deletion_time
			UNION ALL
			SELECT 'users', id::text, name, deletion_time, deleted_by, false, 0
			FROM users WHERE deletion_time IS NOT NULL
			UNION ALL
			SELECT 'documents', id::text, title, deletion_time, deleted_by, false, 0
			FROM documents WHERE deletion_time IS NOT NULL
			""";

	private final JdbcClient jdbc;

	DeletedRows(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	List<DeletedRow> newestFirst() {
		return this.jdbc
			.sql("SELECT * FROM (" + ROWS + ") AS deleted ORDER BY deletion_time DESC, table_name, id LIMIT ?")
			.param(LONGEST_LIST)
			.query(DeletedRow.class)
			.list();
	}

	Optional<DeletedRow> find(TrashTable table, String id) {
		return this.jdbc.sql("SELECT * FROM (" + ROWS + ") AS deleted WHERE table_name = ? AND id = ?")
			.params(table.table(), id)
			.query(DeletedRow.class)
			.optional();
	}

}
