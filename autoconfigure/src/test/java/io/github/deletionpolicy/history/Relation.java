package io.github.deletionpolicy.history;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a history. Each has the same columns, only the last has no deletion time.
 */
enum Relation {

	NOTE(null, true, 6), FOLDER(null, true, 3), DOCUMENT(FOLDER, true, 5), PAGE(DOCUMENT, false, 7),
	LETTER(null, false, 4), ACCOUNT(null, false, 3), BOOKING(ACCOUNT, false, 4), TAG(DOCUMENT, false, 4);

	/**
	 * Longer than any history: what is due only then must still be there at its end.
	 */
	static final Duration LATE = Duration.ofHours(1);

	private final @Nullable Relation parent;

	private final boolean holding;

	private final int rows;

	Relation(@Nullable Relation parent, boolean holding, int rows) {
		this.parent = parent;
		this.holding = holding;
		this.rows = rows;
	}

	/**
	 * Return the name of the table.
	 */
	String table() {
		return name().toLowerCase(Locale.ROOT);
	}

	/**
	 * Find the table of a name that the library spells.
	 * @param name schema and table
	 */
	static Relation of(String name) {
		return valueOf(name.substring(name.indexOf('.') + 1).toUpperCase(Locale.ROOT));
	}

	@Nullable Relation parent() {
		return this.parent;
	}

	boolean isBelowByCascade() {
		return this.parent != null && this != BOOKING;
	}

	boolean isTimed() {
		return this != TAG;
	}

	/**
	 * Return whether its policy has the flag as hold condition.
	 */
	boolean isHolding() {
		return this.holding;
	}

	/**
	 * Return how many rows there are at the beginning.
	 */
	int rows() {
		return this.rows;
	}

	List<Relation> cascadingChildren() {
		return Stream.of(values()).filter((child) -> child.parent == this && child.isBelowByCascade()).toList();
	}

	String ddl() {
		String key = (this.parent == null) ? "bigint" : "bigint REFERENCES %s (id)%s".formatted(this.parent.table(),
				isBelowByCascade() ? " ON DELETE CASCADE" : "");
		return """
				CREATE TABLE %1$s (id bigint PRIMARY KEY, parent_id %2$s, kind int NOT NULL, body bigint NOT NULL,
					legal_hold boolean NOT NULL DEFAULT false%3$s);
				CREATE INDEX ON %1$s (parent_id);
				CREATE FUNCTION witness_%1$s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					INSERT INTO journal (relation, key, action, old_time, new_time, old_parent, new_parent, old_hold, new_hold,
						old_kind, actor, asked, txid, at)
					VALUES ('%1$s', coalesce(NEW.id, OLD.id), TG_OP, %4$s, OLD.parent_id, NEW.parent_id,
						OLD.legal_hold, NEW.legal_hold, OLD.kind, current_setting('application_name'),
						current_setting('history.asked', true), CAST(CAST(pg_current_xact_id() AS text) AS bigint), clock_timestamp());
					RETURN NULL; END $$;
				CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION witness_%1$s();
				"""
			.formatted(table(), key, isTimed() ? ", deletion_time timestamptz" : "",
					isTimed() ? "OLD.deletion_time, NEW.deletion_time" : "NULL, NULL");
	}

	static String tables() {
		return String.join(", ", Arrays.stream(values()).map(Relation::table).toList());
	}

	/**
	 * Return the policies of an application.
	 * @param changed whether of one in which somebody has changed them
	 */
	static List<DeletionPolicy> policies(boolean changed) {
		if (changed) {
			return List.of(DeletionPolicy.soft("note"),
					DeletionPolicy.scheduled("folder", Duration.ofMillis(5)).holdCondition("legal_hold"),
					DeletionPolicy.scheduled("document", Duration.ofMillis(20)).holdCondition("legal_hold"),
					DeletionPolicy.scheduled("page", Duration.ofMillis(10)),
					DeletionPolicy.scheduled("letter", Duration.ofMillis(30)), DeletionPolicy.soft("account"));
		}
		return List.of(DeletionPolicy.scheduled("note", Duration.ofMillis(40)).holdCondition("legal_hold"),
				DeletionPolicy.scheduled("folder", Duration.ofMillis(60)).holdCondition("legal_hold"),
				DeletionPolicy.scheduled("document", LATE).holdCondition("legal_hold"), DeletionPolicy.soft("page"),
				DeletionPolicy.soft("letter"), DeletionPolicy.scheduled("account", Duration.ofMillis(30)),
				DeletionPolicy.scheduled("booking", Duration.ofMillis(20)));
	}

	/**
	 * Return what a plain delete means by those policies.
	 */
	ResolvedPolicy resolve(boolean changed) {
		for (DeletionPolicy policy : policies(changed)) {
			if (policy.table().equals(table())) {
				return new ResolvedPolicy(policy.mode(),
						(policy instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.delay() : Duration.ZERO);
			}
		}
		return ResolvedPolicy.HARD;
	}

}
