package io.github.deletionpolicy.delete;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.LedgerWriter.Stamped;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Stamps the dependants of stamped rows, level by level and table by table.
 */
public class CascadeStamper {

	private final LedgerWriter ledger;

	private final Restrictions restrictions;

	public CascadeStamper(JdbcOperations jdbc, LedgerWriter ledger) {
		this.ledger = ledger;
		this.restrictions = new Restrictions(jdbc);
	}

	/**
	 * Stamp the dependants of rows that have been stamped.
	 * @param operationId the operation
	 * @param mode its mode
	 * @param roots the rows
	 * @param plan what the delete cascades to
	 * @param cascade whether it does
	 * @param sparing whether the operation goes on in several transactions
	 * @return how many dependants were stamped, by table
	 * @throws io.github.deletionpolicy.RestrictedDeletionException if live rows refuse
	 * the delete
	 */
	public Map<String, Long> stamp(UUID operationId, DeletionMode mode, Stamped roots, CascadePlan plan,
			CascadeMode cascade, boolean sparing) {
		Map<String, Long> cascaded = new HashMap<>();
		Set<Integer> touched = new HashSet<>(List.of(plan.root().number()));
		Deque<Level> open = new ArrayDeque<>(List.of(new Level(plan.root(), roots)));
		while (cascade == CascadeMode.CATALOG && !open.isEmpty()) {
			Level level = open.remove();
			for (Path path : plan.pathsFrom(level.node())) {
				Stamped stamped = this.ledger.stampDependants(operationId, level.rows(), path, sparing);
				if (stamped.rows() > 0) {
					cascaded.merge(path.end().name().toString(), stamped.rows(), Long::sum);
					touched.add(path.end().number());
					open.add(new Level(path.end(), stamped));
				}
			}
		}
		this.restrictions.check(mode, plan, touched,
				(node) -> this.ledger.keysOf(operationId, roots.first(), node.table(), node.requireDeletionTime()));
		return cascaded;
	}

	private record Level(Node node, Stamped rows) {
	}

}
