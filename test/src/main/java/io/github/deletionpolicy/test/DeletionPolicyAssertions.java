package io.github.deletionpolicy.test;

import io.github.deletionpolicy.doctor.Doctor;

/**
 * AssertJ assertions for tests of applications that use deletion policies.
 *
 * @since 0.1
 */
public final class DeletionPolicyAssertions {

	private DeletionPolicyAssertions() {
	}

	/**
	 * Begin an assertion on what the doctor finds.
	 * @param doctor the bean
	 * @return the assertion
	 */
	public static DoctorAssert assertThat(Doctor doctor) {
		return new DoctorAssert(doctor);
	}

}
