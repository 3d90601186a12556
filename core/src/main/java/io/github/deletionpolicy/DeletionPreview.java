package io.github.deletionpolicy;

import java.util.List;
import java.util.Map;

/**
 * What a delete would do if it were executed now.
 *
 * @param mode the mode that was resolved
 * @param source who decided the mode
 * @param rows number of rows of the target table that would be removed or stamped
 * @param cascaded number of dependent rows that would be stamped too, by
 * {@code schema.table}
 * @param refusedBy the constraints that would refuse the delete, each as
 * {@code schema.table: constraint}
 * @since 0.1
 */
public record DeletionPreview(DeletionMode mode, ModeSource source, long rows, Map<String, Long> cascaded,
		List<String> refusedBy) {

	public DeletionPreview {
		cascaded = Map.copyOf(cascaded);
		refusedBy = List.copyOf(refusedBy);
	}

}
