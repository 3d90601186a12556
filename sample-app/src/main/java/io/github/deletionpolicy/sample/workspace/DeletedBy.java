package io.github.deletionpolicy.sample.workspace;

import io.github.deletionpolicy.sample.web.CurrentActor;

import org.springframework.context.event.EventListener;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.event.AfterDeleteEvent;
import org.springframework.data.relational.core.sql.IdentifierProcessing;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Notes who deleted a row, in the transaction of the delete. Repositories tell of their
 * deletes as ever, so this is said once for all of them.
 */
@Component
class DeletedBy {

	private final CurrentActor actor;

	private final RelationalMappingContext mapping;

	private final JdbcClient jdbc;

	DeletedBy(CurrentActor actor, RelationalMappingContext mapping, JdbcClient jdbc) {
		this.actor = actor;
		this.mapping = mapping;
		this.jdbc = jdbc;
	}

	@EventListener
	void note(AfterDeleteEvent<?> event) {
		String table = this.mapping.getRequiredPersistentEntity(event.getType())
			.getTableName()
			.toSql(IdentifierProcessing.ANSI);
		this.jdbc.sql("UPDATE " + table + " SET deleted_by = ? WHERE id = ? AND deletion_time IS NOT NULL")
			.param(this.actor.getCurrentAuditor().orElse(null))
			.param(event.getId().getValue())
			.update();
	}

}
