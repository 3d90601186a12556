package io.github.deletionpolicy.sample.browser;

import java.util.Arrays;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Rows that the tests put into the sample's tables.
 */
final class Workspace {

	private final JdbcClient jdbc;

	Workspace(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/**
	 * Write a project. Each of its tasks has one attachment.
	 */
	long project(String name, String... tasks) {
		long id = this.jdbc.sql("INSERT INTO projects (owner_id, name) SELECT min(id), ? FROM users RETURNING id")
			.param(name)
			.query(Long.class)
			.single();
		Arrays.stream(tasks).forEach((title) -> this.jdbc.sql("""
				WITH task AS (INSERT INTO tasks (project_id, title) VALUES (?, ?) RETURNING id, title)
				INSERT INTO attachments (task_id, file_name) SELECT id, title || '.pdf' FROM task
				""").params(id, title).update());
		return id;
	}

	/**
	 * Count the rows of a project in all three tables.
	 */
	long rows(long project) {
		return this.jdbc.sql("""
				SELECT (SELECT count(*) FROM projects WHERE id = :id)
				  + (SELECT count(*) FROM tasks WHERE project_id = :id)
				  + (SELECT count(*) FROM attachments JOIN tasks ON tasks.id = task_id WHERE project_id = :id)
				""").param("id", project).query(Long.class).single();
	}

	/**
	 * Count the rows of which there are many.
	 */
	long readings() {
		return this.jdbc.sql("SELECT count(*) FROM readings").query(Long.class).single();
	}

}
