package io.github.deletionpolicy.sample.workspace;

import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads what the front page shows of each live project.
 */
@Component
class ProjectCards {

	private final JdbcClient jdbc;

	ProjectCards(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	List<Card> all() {
		return this.jdbc.sql("""
				SELECT projects.id, projects.name, users.name AS owner, projects.legal_hold,
				  count(DISTINCT tasks.id) AS tasks, count(DISTINCT attachments.id) AS attachments
				FROM projects
				JOIN users ON users.id = projects.owner_id
				LEFT JOIN tasks ON tasks.project_id = projects.id AND tasks.deletion_time IS NULL
				LEFT JOIN attachments ON attachments.task_id = tasks.id AND attachments.deletion_time IS NULL
				WHERE projects.deletion_time IS NULL
				GROUP BY projects.id, users.name
				ORDER BY projects.id
				""").query(Card.class).list();
	}

	/**
	 * A project on the front page.
	 *
	 * @param id the id
	 * @param name the name
	 * @param owner name of the user whose it is
	 * @param legalHold whether it must stay
	 * @param tasks number of live tasks
	 * @param attachments number of their live attachments
	 */
	record Card(long id, String name, String owner, boolean legalHold, long tasks, long attachments) {

	}

}
