package io.github.deletionpolicy.test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.doctor.FindingCode;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on what the doctor finds. Each of them examines the database again, in the
 * transaction at hand or without one. The message lists every finding with the statements
 * that fix it.
 *
 * @since 0.1
 */
public class DoctorAssert extends AbstractAssert<DoctorAssert, Doctor> {

	private final List<Predicate<Finding>> ignored = new ArrayList<>();

	DoctorAssert(Doctor doctor) {
		super(doctor, DoctorAssert.class);
	}

	/**
	 * Leave out one kind of findings for one table.
	 * @param code the kind
	 * @param table name of the table by SQL's identifier rules; without a schema, in
	 * every schema
	 * @return this assertion
	 */
	public DoctorAssert ignoring(FindingCode code, String table) {
		TableName name = TableName.parse(table);
		this.ignored.add((finding) -> finding.code() == code && finding.table().mayMean(name));
		return this;
	}

	/**
	 * Leave out one kind of findings for all tables.
	 * @param code the kind
	 * @return this assertion
	 */
	public DoctorAssert ignoring(FindingCode code) {
		this.ignored.add((finding) -> finding.code() == code);
		return this;
	}

	/**
	 * Assert that there are neither errors nor warnings.
	 * @return this assertion
	 */
	public DoctorAssert hasNoFindings() {
		return hasNone("findings", (finding) -> true);
	}

	/**
	 * Assert that there are no errors; warnings pass.
	 * @return this assertion
	 */
	public DoctorAssert hasNoErrors() {
		return hasNone("errors", Finding::isError);
	}

	private DoctorAssert hasNone(String what, Predicate<Finding> counted) {
		isNotNull();
		List<Finding> findings = this.actual.examine()
			.stream()
			.filter(counted)
			.filter((finding) -> this.ignored.stream().noneMatch((it) -> it.test(finding)))
			.toList();
		if (!findings.isEmpty()) {
			failWithMessage("%s",
					"Expected that the deletion policies fit the database without %s, but there are %d:\n%s".formatted(
							what, findings.size(),
							findings.stream().map(DoctorAssert::described).collect(Collectors.joining("\n"))));
		}
		return this;
	}

	private static String described(Finding finding) {
		return "  - %s %s (%s): %s%s".formatted(finding.isError() ? "error" : "warning", finding.code(),
				finding.table(), finding.text(), (finding.ddl() != null) ? "\n      " + finding.ddl() : "");
	}

}
