package io.github.deletionpolicy.sample;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.AuditorAware;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Reads, deletes and restores users and their documents.
 */
@Service
class UserDirectory {

	private static final String USERS = "users";

	private static final String DOCUMENTS = "documents";

	private final JdbcClient jdbc;

	private final DeleteTemplate deletes;

	private final PendingPurges pendingPurges;

	private final AuditorAware<String> actor;

	UserDirectory(JdbcClient jdbc, DeleteTemplate deletes, PendingPurges pendingPurges, AuditorAware<String> actor) {
		this.jdbc = jdbc;
		this.deletes = deletes;
		this.pendingPurges = pendingPurges;
		this.actor = actor;
	}

	/**
	 * List all users, deleted ones too. One snapshot, so that a row which is restored or
	 * purged meanwhile is not shown half.
	 */
	@Transactional(readOnly = true, isolation = Isolation.REPEATABLE_READ)
	public List<User> users() {
		Map<Long, List<Document>> documents = this.jdbc
			.sql("SELECT id, user_id, title, deletion_time FROM documents ORDER BY title, id")
			.query(DocumentRow.class)
			.list()
			.stream()
			.map((row) -> new Document(row.id(), row.userId(), row.title(), row.deletionTime(),
					purgeAt(DOCUMENTS, row.id(), row.deletionTime())))
			.collect(Collectors.groupingBy(Document::userId));
		return this.jdbc.sql("SELECT id, name, email, deletion_time FROM users ORDER BY id")
			.query(UserRow.class)
			.list()
			.stream()
			.map((row) -> new User(row.id(), row.name(), row.email(), row.deletionTime(),
					purgeAt(USERS, row.id(), row.deletionTime()), documents.getOrDefault(row.id(), List.of())))
			.toList();
	}

	private @Nullable Instant purgeAt(String table, Object id, @Nullable Instant deletionTime) {
		if (deletionTime == null) {
			return null;
		}
		return this.pendingPurges.forRow(table, id).map(PendingPurges.PendingPurge::purgeAt).orElse(null);
	}

	/**
	 * Delete a user. The documents go first, since their foreign key restricts.
	 */
	@Transactional
	public DeletionResult deleteUser(long id) {
		// Locked, so that nobody adds or restores a document in between.
		boolean found = this.jdbc.sql("SELECT id FROM users WHERE id = :id FOR NO KEY UPDATE")
			.param("id", id)
			.query(Long.class)
			.optional()
			.isPresent();
		if (!found) {
			throw noUser(id);
		}
		this.deletes.from(DOCUMENTS).where(Criteria.where("user_id").is(id)).execute();
		DeletionResult result = this.deletes.from(USERS).byId(id).execute();
		noteWho("UPDATE documents SET deleted_by = ? WHERE user_id = ? AND deletion_time IS NOT NULL", id);
		noteWho("UPDATE users SET deleted_by = ? WHERE id = ?", id);
		return result;
	}

	/**
	 * Restore a user, and only the user.
	 */
	@Transactional
	public void restoreUser(long id) {
		boolean found = this.jdbc.sql("SELECT EXISTS (SELECT FROM users WHERE id = :id)")
			.param("id", id)
			.query(Boolean.class)
			.single();
		if (!found) {
			throw noUser(id);
		}
		this.deletes.restoreFrom(USERS).byId(id).execute();
	}

	@Transactional
	public Document addDocument(long userId, String title) {
		boolean live = this.jdbc.sql("SELECT deletion_time IS NULL FROM users WHERE id = :id FOR SHARE")
			.param("id", userId)
			.query(Boolean.class)
			.optional()
			.orElseThrow(() -> noUser(userId));
		if (!live) {
			throw new ConflictException(
					"User %d is deleted. Restore the user before adding documents.".formatted(userId));
		}
		UUID id = this.jdbc.sql("INSERT INTO documents (user_id, title) VALUES (:userId, :title) RETURNING id")
			.param("userId", userId)
			.param("title", title)
			.query(UUID.class)
			.single();
		return new Document(id, userId, title, null, null);
	}

	@Transactional
	public DeletionResult deleteDocument(UUID id) {
		boolean found = this.jdbc.sql("SELECT EXISTS (SELECT FROM documents WHERE id = :id)")
			.param("id", id)
			.query(Boolean.class)
			.single();
		if (!found) {
			throw noDocument(id);
		}
		DeletionResult result = this.deletes.from(DOCUMENTS).byId(id).execute();
		noteWho("UPDATE documents SET deleted_by = ? WHERE id = ?", id);
		return result;
	}

	private void noteWho(String sql, Object id) {
		this.jdbc.sql(sql).param(this.actor.getCurrentAuditor().orElse(null)).param(id).update();
	}

	/**
	 * Restore a document of a live user.
	 */
	@Transactional
	public void restoreDocument(UUID id) {
		boolean userIsLive = this.jdbc.sql("""
				SELECT users.deletion_time IS NULL
				FROM documents JOIN users ON users.id = documents.user_id
				WHERE documents.id = :id
				FOR SHARE OF users
				""").param("id", id).query(Boolean.class).optional().orElseThrow(() -> noDocument(id));
		if (!userIsLive) {
			throw new ConflictException("The user of this document is deleted. Restore the user first.");
		}
		this.deletes.restoreFrom(DOCUMENTS).byId(id).execute();
	}

	private static NotFoundException noUser(long id) {
		return new NotFoundException("There is no user %d. It may have been purged.".formatted(id));
	}

	private static NotFoundException noDocument(UUID id) {
		return new NotFoundException("There is no document %s. It may have been purged.".formatted(id));
	}

	private record UserRow(long id, String name, String email, @Nullable Instant deletionTime) {

	}

	private record DocumentRow(UUID id, long userId, String title, @Nullable Instant deletionTime) {

	}

}
